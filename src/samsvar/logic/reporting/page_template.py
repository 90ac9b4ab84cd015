"""The template of the report for people (Jinja2). One file, no script, nothing fetched; readable without colours.

Headings, tables with scopes and captions, and details that open without script, so that it works with a keyboard and a
screen reader, on paper and in the dark.
"""
# ruff: noqa: E501 - lines of HTML are as long as they are

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1f; --paper: #fff; --soft: #f2f2f5; --line: #c5c5ce; --quiet: #55555f;
  --bad: #b3001b; --warn: #7a5200; --good: #00662b; --link: #0b4fb3; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececf1; --paper: #16161a; --soft: #232329; --line: #4a4a55;
  --quiet: #b0b0bc; --bad: #ff8a94; --warn: #f0b95a; --good: #6fd695; --link: #8fb8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; } h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
.skip { position: absolute; left: -100rem; } .skip:focus { position: static; }
.verdict { border: 2px solid; border-left-width: 1rem; padding: .8rem 1rem; margin: 1rem 0; font-size: 1.15rem; }
.broken { color: var(--bad); } .kept { color: var(--good); }
.discouraged, .unstable, .inconclusive, .waived { color: var(--warn); }
.verdict p { color: var(--ink); margin: 0; }
.quiet { color: var(--quiet); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
caption { text-align: left; color: var(--quiet); padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.outcome { font-weight: 600; }
.wide { overflow-x: auto; }
pre, code { font: .875rem/1.45 ui-monospace, monospace; }
pre { background: var(--soft); border: 1px solid var(--line); padding: .6rem; margin: .3rem 0; white-space: pre-wrap;
  overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .3rem 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
.finding { border-left: 4px solid var(--line); padding-left: 1rem; margin: 1rem 0; }
.finding > p { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
details { margin: .4rem 0; } summary { cursor: pointer; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } .skip { display: none; }
  .verdict, .finding, tr { break-inside: avoid; } h2, h3 { break-after: avoid; } a { color: inherit; } }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>{{ report.verdict }}: {{ root }} and {{ report.contract }}</title>
<style>{{ style }}</style>
</head>
<body>
<a class="skip" href="#guarantees">To the table of guarantees</a>
<header>
<h1>Does {{ root }} keep {{ report.contract }}?</h1>
<div class="verdict {{ report.verdict }}"><strong>{{ report.verdict|upper }}</strong><p>{{ report.because|safe_text }}</p></div>
<dl>
<dt>Target</dt><dd>{{ report.target.kind }} {{ root }}</dd>
{% if recording %}<dt>Recording</dt><dd>{{ recording }}</dd>
{% endif %}<dt>Contract</dt><dd>{{ report.contract }}, profile {{ report.profile }}</dd>
<dt>Asked</dt><dd>{{ report.requests }} requests to {{ places }} places in {{ "%.1f"|format(report.seconds) }} s</dd>
<dt>Made by</dt><dd>samsvar {{ report.samsvar }}</dd>
<dt>Guarantees</dt><dd>{% for outcome, count in counts %}{{ count }} {{ outcome }}{{ ", " if not loop.last }}{% endfor %}</dd>
</dl>
{% for note in report.notes %}<p>Note: {{ note|safe_text }}</p>
{% endfor %}</header>
<main>
<section aria-labelledby="guarantees">
<h2 id="guarantees">Every guarantee</h2>
<div class="wide" role="region" aria-labelledby="guarantees" tabindex="0">
<table>
<caption>"Asked" counts the observations that could have failed. What was not asked is untested, never kept.</caption>
<thead><tr><th scope="col">Id</th><th scope="col">Level</th><th scope="col">Outcome</th><th scope="col" class="number">Asked</th><th scope="col">Statement</th></tr></thead>
<tbody>
{% for one in report.judgements %}<tr>
<th scope="row">{% if one in told %}<a href="#{{ one.guarantee.id }}">{{ one.guarantee.id }}</a>{% else %}{{ one.guarantee.id }}{% endif %}</th>
<td>{{ one.guarantee.level }}</td><td class="outcome {{ one.outcome }}">{{ one.outcome }}</td><td class="number">{{ one.asked }}</td>
<td>{{ one.guarantee.statement.get("en", "") }}{% if one.because and one.outcome != "kept" %}<br><span class="quiet">{{ one.because|safe_text }}</span>{% endif %}</td>
</tr>
{% endfor %}</tbody>
</table>
</div>
</section>
{% if told %}<section aria-labelledby="findings">
<h2 id="findings">What is not met</h2>
{% for one in told %}<section aria-labelledby="{{ one.guarantee.id }}">
<h3 id="{{ one.guarantee.id }}">{{ one.guarantee.id }} ({{ one.guarantee.level }}) <span class="{{ one.outcome }}">{{ one.outcome }}</span></h3>
<p>{{ one.guarantee.statement.get("en", "") }}</p>
<dl>
<dt>Seen</dt><dd>{{ one.because|safe_text }}</dd>
{% if one.cause %}<dt>Cause</dt><dd>{{ one.cause }}</dd>
{% endif %}{% if one.guarantee.failure.get("en") %}<dt>What it means</dt><dd>{{ one.guarantee.failure.en }}</dd>
{% endif %}{% if one.guarantee.remedy.get("en") %}<dt>What to do</dt><dd>{{ one.guarantee.remedy.en }}</dd>
{% endif %}{% if one.guarantee.sources %}<dt>Sources</dt><dd>{{ one.guarantee.sources|join("; ") }}</dd>
{% endif %}</dl>
{% for finding in shown(one) %}<div class="finding">
<p>{{ finding.place|safe_text or "The run" }}: {{ finding.because|safe_text }}</p>
<dl>
{% if finding.path %}<dt>Path</dt><dd>{{ finding.path|safe_text }}</dd>
{% endif %}{% if finding.format %}<dt>Format</dt><dd>{{ finding.format|safe_text }}</dd>
{% endif %}{% if finding.url %}<dt>Address</dt><dd><code>{{ finding.url|safe_text }}</code></dd>
{% endif %}{% if finding.expected or finding.observed %}<dt>Expected</dt><dd><code>{{ finding.expected|safe_text }}</code></dd>
<dt>Observed</dt><dd><code>{{ finding.observed|safe_text }}</code></dd>
{% endif %}</dl>
{% for exchange in exchanges(finding, one.guarantee.id) %}<details>
<summary>Exchange {{ exchange.number }}: {{ exchange.asked|safe_text }}, {{ exchange.said|safe_text }}</summary>
<pre aria-label="the same by curl">{{ exchange.curl|safe_lines }}</pre>
<pre aria-label="what was sent">{{ exchange.request|safe_lines }}</pre>
<pre aria-label="what came back">{{ exchange.answer|safe_lines }}</pre>
</details>
{% endfor %}</div>
{% endfor %}{% if more(one) %}<p>And {{ more(one) }} more like these, all in the file that --results writes.</p>
{% endif %}</section>
{% endfor %}</section>
{% endif %}<section aria-labelledby="left">
<h2 id="left">Seen and not visited</h2>
{% if report.not_visited %}<table>
<caption>Links and places that were left alone on purpose</caption>
<thead><tr><th scope="col" class="number">Count</th><th scope="col">Reason</th><th scope="col">For example</th></tr></thead>
<tbody>{% for one in report.not_visited %}<tr><td class="number">{{ one.count }}</td><td>{{ one.reason|safe_text }}</td><td><code>{{ one.example|safe_text }}</code></td></tr>
{% endfor %}</tbody></table>
{% else %}<p>Nothing was left out.</p>
{% endif %}</section>
<section aria-labelledby="requests">
<h2 id="requests">What was asked</h2>
<table>
<caption>Requests by question</caption>
<thead><tr><th scope="col">Question</th><th scope="col" class="number">Requests</th></tr></thead>
<tbody>{% for question, count in report.requests_by_question %}<tr><th scope="row">{{ question }}</th><td class="number">{{ count }}</td></tr>
{% endfor %}</tbody></table>
<table>
<caption>Places that were read, by type</caption>
<thead><tr><th scope="col">Type</th><th scope="col" class="number">Places</th></tr></thead>
<tbody>{% for name, count in report.places %}<tr><th scope="row">{{ name }}</th><td class="number">{{ count }}</td></tr>
{% endfor %}</tbody></table>
</section>
</main>
</body>
</html>
"""
