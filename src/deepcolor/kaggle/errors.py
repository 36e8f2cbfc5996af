"""What Kaggle says when it does not do what it was asked, and what can be done about it."""

import re

from deepcolor.errors import DeepColorError


class KaggleError(DeepColorError):
    """The `kaggle` command failed, or said that the service refused.

    Args:
        message: What it said.
        absent: Whether the reason is that what was asked for does not exist, or is not ours to see;
            Kaggle does not tell these apart.
    """

    def __init__(self, message: str, absent: bool = False):
        super().__init__(message)
        self.absent = absent


class TransientError(KaggleError):
    """It may succeed when tried again."""


class MissingInputError(KaggleError):
    """A kernel was pushed, and runs without one of its inputs."""


ABSENT = re.compile(
    r"\b40[34] Client Error|no (such )?(dataset|kernel|file)|not found|does not exist"
    r"|was denied|Cannot access kernel",
    re.IGNORECASE,
)

# Said by the client or the service -> what the user can do. The first that matches wins.
ADVICE = (
    (
        r"weekly (GPU|TPU) quota",
        "The accelerator's weekly hours are used up: `kaggle quota` tells when they are renewed; "
        "until then set `enable_gpu` to false in the kernel's metadata.",
    ),
    (
        r"session count of \d+ reached",
        "Too many kernels run at once: wait for one to end, or stop it on its page.",
    ),
    (
        r"not valid (dataset|kernel|competition|model) sources",
        "Kaggle does not know an input of this kernel: publish it first (`deepcolor run` does), "
        "and check the owner in the handle.",
    ),
    (
        r"\b401\b|not authenticated|Authentication required|Unauthorized",
        "Create an API token in your Kaggle account's settings and save it as the page says.",
    ),
    (
        r"already in use|title already exists|\b409\b",
        "Another kernel or dataset of yours has this title or slug: rename one of them.",
    ),
    (
        r"\b403\b|was denied|not the owner|private to",
        "This belongs to somebody else: stage the chain under your own name "
        "(`deepcolor stage --owner NAME`).",
    ),
)
# The client shows the message of a refusal and hides its status, so a server that is overloaded may
# say anything: what is not known to be final is tried again.
FINAL = re.compile(
    r"\b400\b|invalid|refused by kaggle_local|not supported|not implement|must be|usage: kaggle"
    r"|No such file|make them agree|is not writable",
    re.IGNORECASE,
)
PROGRESS_BAR = re.compile(r"\d+%\|")


def explained(doing: str, said: str) -> KaggleError:
    """Make an error of what the `kaggle` command said, with advice where there is some.

    Args:
        doing: What was asked for.
        said: What it printed.

    Returns:
        A `TransientError` where another attempt may help.
    """
    lines = [line for line in said.splitlines() if line and not PROGRESS_BAR.search(line)]
    brief = "\n".join(lines[-3:]) or "no message"
    message = f"{doing} failed: {brief}"
    for pattern, advice in ADVICE:
        if re.search(pattern, said):
            return KaggleError(f"{message}\n{advice}", absent=bool(ABSENT.search(said)))
    if ABSENT.search(said):
        return KaggleError(message, absent=True)
    return KaggleError(message) if FINAL.search(brief) else TransientError(message)
