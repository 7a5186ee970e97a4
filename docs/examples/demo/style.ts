/** One hand-written sheet: colours first, light and dark; then type, the shell, and the few parts there are. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f7f4ee;
  --card: #fffdf9;
  --ink: #23211d;
  --soft: #645f55;
  --line: #ded7ca;
  --field: #8d8575;
  --accent: #1e5b4c;
  --accent-strong: #143f35;
  --on-accent: #ffffff;
  --brass: #a06c1a;
  --notice: #e6f0ea;
  --notice-ink: #17473b;
  --problem: #fbe9e5;
  --problem-ink: #8f2413;
  --note: #efe8da;
  --shadow: 0 1px 2px rgb(60 50 30 / 8%), 0 12px 32px -12px rgb(60 50 30 / 18%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181a;
    --card: #1d2124;
    --ink: #eeeae2;
    --soft: #aba598;
    --line: #343a3d;
    --field: #777f80;
    --accent: #86d0b8;
    --accent-strong: #a9e2cf;
    --on-accent: #0e2a22;
    --brass: #dcab58;
    --notice: #1c332c;
    --notice-ink: #b5e6d4;
    --problem: #3d201b;
    --problem-ink: #ffb9a8;
    --note: #25292b;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 12px 32px -12px rgb(0 0 0 / 60%);
  }
}

*, ::before, ::after { box-sizing: border-box; }
html { font: 1.0625rem/1.6 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column; background: var(--paper); color: var(--ink); }
h1, h2, h3, p, dl, dd, ol, ul { margin: 0; }
h1, .brand { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", Georgia, serif; letter-spacing: -0.015em; }
h1 { font-size: 1.9rem; line-height: 1.15; font-weight: 600; text-wrap: balance; overflow-wrap: anywhere; }
h2 { font-size: 1rem; line-height: 1.4; }
h3 { font-size: 1rem; line-height: 1.4; }
a { color: var(--accent); text-underline-offset: 0.18em; text-decoration-thickness: 0.06em; }
a:hover { color: var(--accent-strong); text-decoration-thickness: 0.12em; }
code { font: 0.875em/1.5 ui-monospace, "Cascadia Code", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--brass); outline-offset: 2px; border-radius: 4px; }

.bar, main, footer { width: 100%; max-width: 64rem; margin-inline: auto; padding-inline: clamp(1.25rem, 5vw, 2.5rem); }
.bar { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding-block: 1.25rem; }
.brand { flex: none; display: inline-flex; align-items: center; gap: 0.5rem; color: var(--ink); font-size: 1.25rem; font-weight: 600; text-decoration: none; }
.brand:hover { color: var(--ink); }
.brand svg { width: 1.5rem; height: 1.5rem; fill: var(--brass); }
nav > * { flex: none; }
nav .who { flex: 0 1 auto; }
nav { display: flex; align-items: center; gap: 1.1rem; min-width: 0; }
.who { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
main { flex: 1; padding-block: clamp(1.5rem, 5vh, 3.5rem) 3rem; }
footer { padding-block: 1.5rem; color: var(--soft); font-size: 0.875rem; }

.button { display: inline-block; padding: 0.65rem 1.25rem; border: 1px solid var(--accent); border-radius: 8px; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; line-height: 1.4; text-align: center; text-decoration: none; cursor: pointer; transition: background-color 0.12s; }
.button:hover { background: var(--accent-strong); border-color: var(--accent-strong); color: var(--on-accent); }
.button:focus-visible { border-radius: 8px; }
.button.quiet { background: transparent; border-color: var(--field); color: var(--ink); }
.button.quiet:hover { background: var(--note); border-color: var(--ink); color: var(--ink); }
.button.small { padding: 0.35rem 0.9rem; white-space: nowrap; font-size: 0.9375rem; }
.button.wide { width: 100%; }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; }

.hero { max-width: 44rem; display: grid; gap: 1.5rem; }
.hero h1 { font-size: clamp(2.4rem, 7vw, 4rem); line-height: 1.04; }
.lede { max-width: 34rem; color: var(--soft); font-size: 1.1875rem; }
.state::before { content: ""; display: inline-block; width: 0.65rem; height: 0.65rem; margin-right: 0.65rem; border: 2px solid var(--field); border-radius: 50%; }
.state.in::before { border-color: var(--accent); background: var(--accent); }
.front { display: flex; align-items: center; justify-content: space-between; gap: 2rem; }
.door { flex: none; width: 14rem; margin-right: 2.5rem; }
.door .frame { fill: #143f35; }
.door .leaf { fill: #2a7562; }
.door .panel { fill: none; stroke: #143f35; stroke-width: 3; }
.door .light { fill: #fbe2a6; }
.door .brass { fill: #dcab58; }
.door .sill { fill: var(--field); }

.tries { margin-top: clamp(3rem, 8vh, 5rem); }
.tries h2, .kicker { color: var(--brass); font-size: 0.8125rem; font-weight: 700; letter-spacing: 0.08em; text-transform: uppercase; }
.tries ol { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 0 3rem; padding: 0; margin-top: 0.75rem; list-style: none; }
.tries li { padding-block: 1.1rem; border-top: 1px solid var(--line); }
.tries li p { color: var(--soft); }

.message { padding: 0.8rem 1rem; border-left: 4px solid; border-radius: 4px 8px 8px 4px; }
.notice { margin-bottom: 2rem; background: var(--notice); color: var(--notice-ink); }
.problem { background: var(--problem); color: var(--problem-ink); font-weight: 600; }

.desk { display: flex; flex-wrap: wrap; justify-content: center; align-items: flex-start; gap: 2rem; }
.card { flex: 1 1 24rem; max-width: 28.5rem; min-width: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; padding: clamp(1.5rem, 5vw, 2.5rem); border: 1px solid var(--line); border-radius: 16px; background: var(--card); box-shadow: var(--shadow); }
.desk.wide .card { max-width: none; }
.note { flex: 1 1 18rem; max-width: 28.5rem; min-width: 0; display: grid; gap: 0.75rem; padding: 1.5rem; border-radius: 12px; background: var(--note); font-size: 0.9375rem; }
.note dl { display: grid; gap: 0.75rem; }
.note dt { font-weight: 600; }
.tag { margin-left: 0.35rem; padding: 0.1em 0.55em; border: 1px solid currentcolor; border-radius: 99px; color: var(--problem-ink); font-size: 0.75rem; font-weight: 600; }
.aside { color: var(--soft); font-size: 0.9375rem; text-align: center; }

.field { display: grid; gap: 0.35rem; }
label { font-size: 0.9375rem; font-weight: 600; }
input { width: 100%; padding: 0.65rem 0.85rem; border: 1px solid var(--field); border-radius: 8px; background: var(--paper); color: inherit; font: inherit; }
input:focus-visible { outline: 3px solid var(--accent); outline-offset: 0; border-color: var(--accent); border-radius: 8px; }
input[aria-invalid] { border-color: var(--problem-ink); }
.hint { color: var(--soft); font-size: 0.875rem; }

.kicker + h1 { margin-top: -0.75rem; }
.facts > div { display: grid; grid-template-columns: 11rem 1fr; gap: 0 1.5rem; padding-block: 0.8rem; border-top: 1px solid var(--line); }
.facts > div:last-child { border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); }
.facts dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.devices { padding: 0; border-bottom: 1px solid var(--line); list-style: none; }
.devices li { display: flex; align-items: center; justify-content: space-between; gap: 0.75rem 2rem; padding-block: 1rem; border-top: 1px solid var(--line); }
.devices form { flex: none; }
.device { min-width: 0; display: grid; gap: 0.25rem; overflow-wrap: anywhere; }
.device .hint { text-wrap: pretty; }
.tag.here { margin: 0 0.35rem 0 0; color: var(--accent); }
@media (max-width: 34rem) {
  .devices li { display: grid; }
  .facts > div { grid-template-columns: 1fr; }
  .card { padding-inline: 1.25rem; }
  .card .actions > *, .actions form > .button { flex: 1 1 100%; width: 100%; }
}
@media (max-width: 52rem) { .door { display: none; } }
@media (max-width: 24rem) {
  nav { gap: 0.7rem; font-size: 0.9375rem; }
  .brand { font-size: 1.1rem; gap: 0.3rem; }
  .button.small { padding-inline: 0.6rem; }
}
/* The key alone: no room for its name, which is still read out. */
@media (max-width: 26rem) { .bar:has(.who) .brand { font-size: 0; } }
@media (max-width: 21rem) { .brand { font-size: 0; } }
@media (prefers-reduced-motion: reduce) { .button { transition: none; } }
`
