/** What the IAM policy and the roles of the chart permit, in the words that calls are recorded in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ACTIONS } from '../../src/aws/iam.ts';
import type { Permitted } from './compare.ts';

/** What the chart renders with every feature on; another test sees that it is fresh. */
const MANIFESTS = join(import.meta.dirname, '../../examples/alb-ingress-controller.yaml');

type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};

export const permitted = (): Permitted => ({
  aws: ACTIONS.flatMap(({ service, operations }) => operations.map((operation) => `${service}:${operation}`)),
  kubernetes: parseAllDocuments(readFileSync(MANIFESTS, 'utf8'))
    .map((document) => document.toJS() as { readonly kind: string; readonly rules?: readonly Rule[] } | null)
    .filter((it) => it !== null && /^(Cluster)?Role$/.test(it.kind))
    .flatMap((role) => role?.rules ?? [])
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    ),
});
