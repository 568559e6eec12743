"""The look of a page: light, dark and print from one set of colours that do not need colour vision."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "page": "#ffffff", "panel": "#f3f5f7", "ink": "#1a1f24", "soft": "#56606b", "line": "#c3cad1",
    "good": "#00694b", "bad": "#b3360b", "care": "#855900", "main": "#00588c", "other": "#8a3a78",
    "vessel": "#d9dfe5", "ideal": "#00694b",
}  # fmt: skip
"""Colours by role on a light page. because: hues after Okabe & Ito 2008 (told apart by colour-blind readers), darkened
to a contrast of at least 4.5 with page and panel (WCAG 2.2, 1.4.3), which a test checks; `line` and `vessel` are not
needed to read anything."""
DARK: Mapping[str, str] = {
    "page": "#14181c", "panel": "#1e242a", "ink": "#eceff2", "soft": "#a9b3bd", "line": "#46505a",
    "good": "#3fcf9f", "bad": "#ff8f5e", "care": "#f2c14e", "main": "#6bb8ec", "other": "#e29fd0",
    "vessel": "#333c45", "ideal": "#3fcf9f",
}  # fmt: skip
"""The same on a dark page."""

_RULES = """
*{box-sizing:border-box}
html{font:17px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color-scheme:light dark}
body{margin:0;background:var(--page);color:var(--ink)}
main,header,footer{max-width:62rem;margin:0 auto;padding:0 1.2rem}
header{padding-top:1.6rem}
h1{font-size:1.35rem;line-height:1.25;margin:0}
h2{font-size:1.15rem;margin:2.2rem 0 .6rem}
h3{font-size:1rem;margin:1rem 0 .3rem}
p{margin:.4rem 0;max-width:44rem}
.soft,figcaption,caption{color:var(--soft)}
.small,footer,table{font-size:.88rem}
.panel{background:var(--panel);border-radius:.6rem;padding:1rem 1.2rem;margin:1rem 0}
.panel>:first-child{margin-top:0}
.verdict{display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;align-items:baseline}
.points{font-size:3.4rem;line-height:1;font-weight:700}
.word{font-size:1.5rem;font-weight:700}
.good{color:var(--good)}.bad{color:var(--bad)}.care{color:var(--care)}
.critical{border-left:.35rem solid var(--bad);padding:.1rem 0 .1rem .9rem;margin:.8rem 0}
.critical ul{margin:.2rem 0;padding-left:1.1rem}
.beside{display:grid;grid-template-columns:repeat(auto-fill,minmax(12rem,1fr));gap:.4rem 1.4rem;margin:.4rem 0 0;
font-size:.9rem;line-height:1.35}
.beside dt{color:var(--soft);font-size:.8rem}.beside dd{margin:0;overflow-wrap:anywhere}
ol.advice{padding-left:1.4rem}ol.advice li{margin:.7rem 0}ol.advice p{margin:.1rem 0}
.shots{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:1rem}
figure{margin:0}
figure.wide{overflow-x:auto}figure.wide svg{min-width:44rem}
.shots img{width:100%;display:block;border-radius:.4rem;background:#000}
.empty{display:grid;place-items:center;aspect-ratio:4/3;border:1px dashed var(--line);border-radius:.4rem}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));gap:1.2rem}
.views{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1rem}
svg{width:100%;height:auto;display:block}
svg text{fill:var(--ink);font-size:12px}svg text.soft{fill:var(--soft)}svg text.bold{font-weight:700}
svg text.bad{fill:var(--bad)}svg text.good{fill:var(--good)}
.grid{stroke:var(--line);stroke-width:1}.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 4}
.curve{fill:none;stroke-width:1.5;stroke-linejoin:round}
.c0{stroke:var(--main)}.c1{stroke:var(--other)}.c2{stroke:var(--care)}.c3{stroke:var(--soft)}
.f0{fill:var(--main)}.f1{fill:var(--other)}.f2{fill:var(--care)}.f3{fill:var(--soft)}
.ideal{fill:none;stroke:var(--ideal);stroke-width:2.5;stroke-dasharray:7 5}
.vessel{fill:none;stroke:var(--vessel);stroke-linecap:round}
.dot{stroke:none}.ring{fill:none!important;stroke-width:2}.stroke{stroke-width:2;fill:none}
.m-good{fill:var(--good);stroke:var(--good)}.m-bad{fill:var(--bad);stroke:var(--bad)}
.m-care{fill:var(--care);stroke:var(--care)}.m-soft{fill:var(--soft);stroke:var(--soft)}
.m-main{fill:var(--main);stroke:var(--main)}
.m0{fill:var(--main);stroke:var(--main)}.m1{fill:var(--other);stroke:var(--other)}
.m2{fill:var(--care);stroke:var(--care)}.m3{fill:var(--soft);stroke:var(--soft)}
.dot.m-good,.dot.m-bad,.dot.m-care,.dot.m-soft,.dot.m-main,.dot.m0,.dot.m1,.dot.m2,.dot.m3{stroke:none}
.b-main{fill:var(--main)}.b-other{fill:var(--other)}.b-good{fill:var(--good)}.b-bad{fill:var(--bad)}
.b-line{fill:var(--line)}.b-page{fill:var(--page)}
.stripe{fill:var(--panel)}
.wrap{overflow-x:auto}.narrow{max-width:26rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .7rem .3rem 0;vertical-align:top;
border-bottom:1px solid var(--line)}th{font-weight:600}td.n,th.n{text-align:right}td.n{white-space:nowrap}
.dense table{font-size:.8rem}.dense th,.dense td{text-align:left}
details>summary{cursor:pointer;padding:.3rem 0;color:var(--main)}
details.score>summary{font-weight:700;font-size:1.05rem;padding:.7rem 0}
label{display:inline-block;margin-right:1rem}fieldset{border:0;padding:0;margin:.7rem 0}legend{padding:0;
font-weight:600}
input[type=number]{width:6rem}textarea{width:100%;max-width:44rem;min-height:3.2rem}
input,textarea{font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);border-radius:.3rem;
padding:.2rem .4rem}
a{color:var(--main)}:focus-visible{outline:3px solid var(--main);outline-offset:2px}
footer{padding-bottom:2rem;margin-top:2.4rem;border-top:1px solid var(--line);padding-top:.8rem}
@media print{html{font-size:10.5pt}main,header,footer{max-width:none;padding:0}figure.wide svg{min-width:0}
section,figure,.panel{break-inside:avoid}.panel{border:1px solid var(--line)}details>summary{display:none}
details::details-content{content-visibility:visible;height:auto}.noprint{display:none}}
"""


def style_sheet() -> str:
    """Return the style sheet of every page."""
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"
    return f":root{{{_variables(LIGHT)}}}{dark}{_RULES}"


def _variables(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())
