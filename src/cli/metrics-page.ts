import { METRICS, type MetricRow } from './metrics-table.ts';

/** `docs/reference/metrics.md`. */
export const metricsPage = (): string => {
  const rows = Object.entries(METRICS as Readonly<Record<string, MetricRow>>).map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return `<!-- Made from src/cli/metrics-table.ts by \`npm run gen\`. Do not edit. -->

# Metrics and health

All of it is served on 127.0.0.1:10254 unless \`--health-probe-bind-addr\` and \`--metrics-bind-addr\` say otherwise; the log
line \`listening\` names the address, in the sandbox too.

| Path | What it answers |
| --- | --- |
| \`/healthz\` | 200 while every watch is heard from and no pass hangs, else 503 |
| \`/readyz\` | 200 once the cluster was listed and AWS looked through, also on a controller that stands by |
| \`/metrics\` | the metrics below, and the usual \`process_*\` and \`nodejs_*\` |
| \`/state\` | each stack as JSON: desired, actual, last plan, problems. To clients on the same machine only; \`kubectl port-forward\` makes you one |

| Metric | Type | Labels | Meaning |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
};
