/** An Ingress as large as Kubernetes takes must not use up the memory, and the time, that serve everybody. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { planCase } from './plan-case.ts';

const CASE = join(import.meta.dirname, 'conditions');

test('of more rules than any load balancer has, the first ones are looked at, and it is told', () => {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const paths = Array.from({ length: 15_000 }, (_, i) => ({ path: `/p${i}`, pathType: 'Exact', backend }));
  const reports = planCase(CASE, (object) =>
    object.kind === 'Ingress'
      ? {
          ...object,
          spec: { ingressClassName: 'alb', rules: [{ host: 'huge.example.com', http: { paths } }] },
        }
      : object,
  );
  const rules = reports.flatMap(({ desired }) =>
    [...desired.graph.values()].filter((it) => it.kind === 'rule'),
  );
  assert.equal(rules.length, 2000);
  const told = reports.flatMap(({ problems }) => problems.filter(({ code }) => code === 'QuotaReached'));
  assert.deepEqual(
    told.map(({ message }) => message),
    ['spec.rules[0].http.paths[2000]: no load balancer has room for more than 2000 rules'],
  );
});
