/** The page's look, light and dark, from a telephone's width to a desktop's. */
export const styles = `
:root {
  color-scheme: light dark;
  --ink: #1c2430; --dim: #556070; --paper: #f5f7f9; --card: #fff; --line: #d3dae2; --lane: #b9c3ce;
  --good: #146336; --bad: #b3261e; --odd: #743a96; --link: #0b57a4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e3e8ee; --dim: #a3afbc; --paper: #12171d; --card: #1a2129; --line: #333e4a; --lane: #4a5866;
    --good: #6fcf97; --bad: #ff8a80; --odd: #d0a2ee; --link: #7db8f5;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header, main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
header { padding-bottom: 0; } header p { margin: .3rem 0 0; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 0; font-size: 1.2rem; line-height: 1.35; }
h3 { margin: 1.6rem 0 .4rem; font-size: 1rem; }
a { color: var(--link); }
nav ul, .steps { list-style: none; margin: 0; padding: 0; }
nav li { padding: .6rem 0; border-bottom: 1px solid var(--line); }
.summary, .where { display: block; color: var(--dim); font-size: .9rem; margin: 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1.5rem 0; }

.verdict { font-weight: 600; font-size: .85rem; }
.verdict.passed { color: var(--good); } .verdict.failed { color: var(--bad); } .verdict.broken { color: var(--odd); }
.verdict.skipped, .verdict.not-run { color: var(--dim); }
nav .verdict, .steps .verdict { display: inline-block; min-width: 3.6rem; }
.steps { margin-top: .8rem; }
.steps li { padding: .25rem 0 .25rem .8rem; border-left: 3px solid var(--line); margin-bottom: .25rem; }
.steps li.passed { border-color: var(--good); } .steps li.failed { border-color: var(--bad); }
.steps li div { color: var(--dim); font-size: .9rem; } .steps li.failed div { color: var(--ink); }
.error { color: var(--bad); white-space: pre-line; }

.player { margin: .4rem 0; } audio { width: 22rem; max-width: 100%; vertical-align: middle; }
.files { font-size: .9rem; } .files a + a { margin-left: 1rem; } .subject { font-weight: 600; margin: .2rem 0; }
.scroll { overflow-x: auto; }
pre { white-space: pre-wrap; background: var(--paper); border: 1px solid var(--line); border-radius: .3rem; padding: .6rem; margin: .4rem 0; font-size: .8rem; }
details { margin: .3rem 0; } summary { cursor: pointer; padding: .15rem 0; }
.messages > details, .messages > .note { margin: .15rem 0 .15rem .8rem; font-size: .9rem; }
.messages .note { color: var(--dim); padding-left: 1rem; } .messages .note.bad { color: var(--bad); }
pre:target, p:target { outline: 2px solid var(--link); outline-offset: 2px; scroll-margin-top: 4rem; }
table { border-collapse: collapse; font-size: .85rem; }
th { text-align: left; padding: 0 1rem .2rem 0; vertical-align: top; font-weight: 600; white-space: nowrap; } td { min-width: 14rem; padding: 0 0 .2rem; }

.ladder { display: block; font: 12px system-ui, sans-serif; }
.ladder a { text-decoration: none; } .ladder a:hover line, .ladder a:focus line { stroke-width: 2.2; }
.ladder text { fill: var(--ink); text-anchor: middle; paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.ladder .station { font-weight: 600; font-size: 13px; }
.ladder .lane { stroke: var(--lane); }
.ladder .time { fill: var(--dim); text-anchor: start; font-variant-numeric: tabular-nums; }
.ladder .how { fill: var(--dim); font-size: 10px; }
.ladder g line { stroke: var(--ink); stroke-width: 1.3; } .ladder g polygon { fill: var(--ink); }
.ladder .response line, .ladder .refusal line { stroke-dasharray: 5 3; }
.ladder .refusal line { stroke: var(--bad); } .ladder .refusal polygon, .ladder .refusal text { fill: var(--bad); }
.ladder .note circle { fill: var(--good); } .ladder .note text { fill: var(--dim); }
.ladder .note .before { text-anchor: end; } .ladder .note .after { text-anchor: start; }
.ladder .note.bad circle, .ladder .note.bad text { fill: var(--bad); }
`
