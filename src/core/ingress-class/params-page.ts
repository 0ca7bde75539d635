/** `docs/reference/ingress-class-params.md`. */
import { PREFIX } from '../annotations/table.ts';
import { paramsRows } from './params-rows.ts';
import { POLICY_ROWS, type PolicyRow } from './policy.ts';

/** The reference page of what a class can say. Generated, so that it cannot differ from what is read. */
export const paramsPage = (): string =>
  [
    '<!-- Made from src/core/ingress-class by `npm run gen`. Do not edit. -->',
    '',
    '# IngressClassParams and annotations of an IngressClass',
    '',
    'What a class says holds for all its Ingresses and wins over their annotations, and over those of Services. How to',
    'use it to share load balancers between teams: [sharing](../sharing.md).',
    '',
    '## IngressClassParams',
    '',
    'Kind `IngressClassParams` of `elbv2.k8s.aws/v1beta1`, without a namespace: the kind of the AWS Load Balancer',
    'Controller, so its objects work as they are. A class names one in `spec.parameters` (`apiGroup: elbv2.k8s.aws`,',
    '`kind: IngressClassParams`, `name`).',
    '',
    'A value that cannot be used is told on every Ingress of the class and freezes them: what they serve stays. The',
    'same holds when the object is missing, and when the namespace is not one that the class chooses. An annotation',
    'that says something else than the class is told as `SetByClass`.',
    '',
    '| Field of `spec` | In place of | Meaning | Example | Refused, for example |',
    '| --- | --- | --- | --- | --- |',
    ...paramsRows.map(([field, { overrides, doc, example, invalid }]) =>
      line([`\`${field}\``, overrides.map(link).join(', '), doc, json(example), json(invalid)]),
    ),
    '',
    '## Annotations of an IngressClass',
    '',
    'They limit what Ingresses of the class may do, whatever IngressClassParams say. An annotation that cannot be read',
    'freezes the Ingresses of the class, and keeps new ones out: nobody can tell what is allowed.',
    '',
    '| Annotation | Meaning | Value | Example | Refused, for example |',
    '| --- | --- | --- | --- | --- |',
    ...Object.entries<PolicyRow>(POLICY_ROWS).map(([name, { parser, doc, example, invalid }]) =>
      line([`\`${PREFIX}${name}\``, doc, parser.type, `\`${example}\``, `\`${invalid}\``]),
    ),
    '',
  ].join('\n');

const json = (value: unknown): string => `\`${JSON.stringify(value)}\``;

const link = (name: string): string => `[\`${name}\`](annotations.md#${name.replaceAll(/[^a-z0-9 -]/g, '')})`;

const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
