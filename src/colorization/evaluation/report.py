"""The metrics as they are shown, and tables of them in Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Results = Mapping[str, Any]
ARROWS = {"lower": "↓", "higher": "↑", "one": "→ 1"}


class Metric(NamedTuple):
    """How a metric is shown in tables."""

    name: str  # key in `results.json`
    label: str
    digits: int
    better: str  # "lower", "higher" or "one", the closest to 1

    @property
    def heading(self) -> str:
        """The label with an arrow toward what is better."""
        return f"{self.label} {ARROWS[self.better]}"


METRICS = (
    Metric("ab_mse", "ab MSE", 1, "lower"),
    Metric("ab_rmse", "ab RMSE", 2, "lower"),
    Metric("psnr", "PSNR, dB", 2, "higher"),
    Metric("ssim", "SSIM", 3, "higher"),
    Metric("ciede2000", "CIEDE2000", 2, "lower"),
    Metric("auc", "AuC, %", 1, "higher"),
    Metric("auc_rebalanced", "AuC rebalanced, %", 1, "higher"),
    Metric("colorfulness_ratio", "colorfulness ÷ truth", 2, "one"),
    Metric("js_divergence", "JS of ab", 3, "lower"),
    Metric("blotches", "blotches, ab", 2, "lower"),
)


def metrics_table(
    results: Results,
    photo_set: str,
    columns: Sequence[Metric] = METRICS,
    names: Mapping[str, str] | None = None,
) -> str:
    """Return the metrics of every model on one set as a Markdown table, mean [95 % interval].

    `results` is the content of `results.json`, `names` are other names for models.
    """
    head = "| | " + " | ".join(metric.heading for metric in columns) + " |"
    rule = "|---|" + "---:|" * len(columns)
    names = names or {}
    rows = [
        f"| {names.get(model, model)} | "
        + " | ".join(format_interval(scores[metric.name], metric.digits) for metric in columns)
        + " |"
        for model, scores in results["scores"][photo_set].items()
    ]
    return "\n".join([head, rule, *rows])


def format_interval(value: Mapping[str, float], digits: int) -> str:
    """Return "mean [low, high]" of a summarized metric."""
    mean, low, high = (f"{value[key]:.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"
