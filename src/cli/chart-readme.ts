/** README of the chart, from the comments (`# -- …`) in its values. */
import { parse } from 'yaml';

export const chartReadme = (values: string): string => {
  const known = parse(values) as Readonly<Record<string, unknown>>;
  const rows = describedKeys(values).map(
    ([path, doc]) => `| \`${path.join('.')}\` | \`${JSON.stringify(at(known, path))}\` | ${doc} |`,
  );
  return `<!-- Made from values.yaml by \`npm run gen\`. Do not edit. -->

# Chart alb-ingress-controller

\`\`\`sh
helm install alb-ingress-controller . --namespace kube-system \\
  --set clusterName=my-cluster --set aws.region=eu-west-1 \\
  --set controller.image.repository=registry.example.com/alb-ingress-controller
\`\`\`

More in [docs/install.md](../../docs/install.md). A value that cannot be right is refused by \`values.schema.json\`.

| Value | Default | Meaning |
| --- | --- | --- |
${rows.join('\n')}
`;
};

const at = (value: unknown, [first, ...rest]: readonly string[]): unknown =>
  first === undefined ? value : at((value as Readonly<Record<string, unknown>>)[first], rest);

/** Every key under a \`# -- \` comment, in order of the file. */
const describedKeys = (text: string): readonly (readonly [readonly string[], string])[] => {
  const found: [readonly string[], string][] = [];
  const path: string[] = [];
  let doc: string | undefined;
  for (const line of text.split('\n')) {
    const comment = /^ *# -- (.*)$/.exec(line);
    const key = /^( *)([A-Za-z0-9]+):/.exec(line);
    if (comment) doc = comment[1];
    if (!key) continue;
    path.length = (key[1] ?? '').length / 2;
    path.push(key[2] ?? '');
    if (doc !== undefined) found.push([[...path], doc]);
    doc = undefined;
  }
  return found;
};
