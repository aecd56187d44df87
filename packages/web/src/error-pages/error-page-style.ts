/** The style sheet of the error page: no fonts, images or scripts, and colours for light and dark. */
export const errorPageStyle: string = `
:root { color-scheme: light dark;
  --text: light-dark(#1c2430, #dfe5ee); --dim: light-dark(#667085, #8b97a8); --back: light-dark(#f5f6f8, #12161c);
  --card: light-dark(#ffffff, #1a2029); --line: light-dark(#e2e6ec, #2a323e);
  --hot: light-dark(#b42318, #ff8a7d); --here: light-dark(#fde9e7, #47262a); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2rem; }
.status { margin: 0; color: var(--dim); overflow-wrap: anywhere; }
.status b { color: #fff; background: #b42318; border-radius: .3rem; padding: .1rem .5rem; }
.status span { float: right; font-family: ui-monospace, monospace; font-size: .85em; }
h1 { margin: 1rem 0 0; color: var(--hot); font-size: 1.7rem; }
h2 { margin: 2rem 0 .6rem; font-size: 1.1rem; }
.cause p { margin: 2.5rem 0 0; color: var(--dim); }
.cause h2 { margin: 0; color: var(--hot); font-size: 1.3rem; }
pre { margin: .4rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font: .95em/1.5 ui-monospace, monospace; }
.message { font-size: 1.05em; }
.frame { margin: 0; background: var(--card); border: 1px solid var(--line); border-bottom-width: 0; }
h2 + .frame { border-radius: .5rem .5rem 0 0; }
.frame:has(+ .whole) { border-bottom-width: 1px; border-radius: 0 0 .5rem .5rem; }
h2 + .frame:has(+ .whole) { border-radius: .5rem; }
p.frame, summary { padding: .45rem .9rem; overflow-wrap: anywhere; }
p.frame { padding-left: 1.85rem; }
summary { cursor: pointer; }
.other { color: var(--dim); }
.name { font: .92em ui-monospace, monospace; font-weight: 600; }
.other .name { font-weight: 400; }
.place { color: var(--dim); font: .85em ui-monospace, monospace; margin-left: .5rem; }
ol { margin: 0; padding: .4rem 0; list-style: none; overflow-x: auto; border-top: 1px solid var(--line);
  font: .88em/1.55 ui-monospace, monospace; }
li { white-space: pre; padding-right: 1rem; min-width: max-content; }
li::before { content: attr(value); display: inline-block; width: 4.2rem; padding-right: 1.2rem; text-align: right;
  color: var(--dim); user-select: none; }
li.here { background: var(--here); }
li.here::before { color: var(--hot); font-weight: 700; }
code { font: inherit; }
.whole { margin-top: .6rem; color: var(--dim); }
.whole summary { padding-left: 0; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
th, td { padding: .35rem .9rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
th { width: 14rem; font-weight: 600; color: var(--dim); overflow-wrap: anywhere; }
td { font: .9em/1.6 ui-monospace, monospace; overflow-wrap: anywhere; }
footer { padding: 2rem 1.5rem 3rem; color: var(--dim); font-size: .85em; }
`
