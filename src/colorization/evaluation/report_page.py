"""The HTML around a report. Code ships to Kaggle, templates do not."""

from string import Template

PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Deep Colorization: evaluation</title>
<style>
  :root { --ink: #26262b; --paper: #fff; --line: #d9d9de; --muted: #63636c;
          --main: #0063a3; --second: #b34700 }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e8e8ec; --paper: #16161a; --line: #3a3a42; --muted: #a2a2ac;
            --main: #6db6ec; --second: #f0955a }
  }
  body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
         max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
  a { color: var(--main) }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 1rem 0 }
  dt, small, .note { color: var(--muted) }
  dd { margin: 0; overflow-wrap: anywhere }
  small { display: block; white-space: nowrap }
  .note { font-size: .875rem; margin-top: 0 }
  .table { overflow-x: auto }
  table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums }
  th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line) }
  th { font-weight: 500 }
  th[scope=row] { text-align: left }
  .gallery td, .gallery th { text-align: center; border: 0; padding: .2rem; vertical-align: top }
  .gallery th[scope=row] { text-align: left; max-width: 9rem; vertical-align: middle }
  img { display: block; margin: auto; max-width: 100%; min-width: 5rem }
  figure { margin: 1.5rem 0 }
  figcaption { color: var(--muted); max-width: 46rem }
  .bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: .3rem .8rem;
          align-items: center; max-width: 46rem; margin-top: .6rem }
  .track { position: relative; height: 1rem; border-left: 1px solid var(--muted) }
  .track i { position: absolute; top: 0; height: 100% }
  .bar { background: var(--main); opacity: .55; left: 0 }
  .interval { border-top: 2px solid var(--ink); margin-top: .45rem }
  .baseline { border-left: 2px dashed var(--second) }
  .curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem }
  .curve { margin: 0 }
  svg { width: 100%; height: auto }
  polyline { fill: none; stroke-width: 2 }
  polyline.training { stroke: var(--main) }
  polyline.validation { stroke: var(--second) }
  span.training { color: var(--main) }
  span.validation { color: var(--second) }
  circle { fill: none; stroke: var(--ink); stroke-width: 2 }
  .axis { fill: none; stroke: var(--muted) }
  text { fill: var(--muted); font-size: 11px }
</style>
<h1>Deep Colorization: evaluation</h1>
<dl>$provenance</dl>
<nav aria-label="Contents"><ul>$contents</ul></nav>
$body
</html>
""")
