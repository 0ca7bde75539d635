import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseCidr } from '../../src/core/annotations/cidr.ts';
import { overlay } from '../../src/core/annotations/overlay.ts';
import { readSettings } from '../../src/core/annotations/read.ts';
import { splitPairs } from '../../src/core/annotations/string-map.ts';
import { ANNOTATIONS, PREFIX } from '../../src/core/annotations/table.ts';
import { GROUP_ARN, parse, read } from './annotation-reading.ts';

// What LBC defines for the same input, where its test vectors are at hand. A table that is missing skips its test.
type Vector = {
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly expected?: unknown;
  readonly expectedError?: unknown;
};
const VECTORS = '../shared/conformance/tables';
const vectors = (table: string, check: (vector: Vector) => void) => {
  const path = `${VECTORS}/${table}.json`;
  const there = existsSync(path);
  if (!there) console.log(`skipped: ${path} is not there`);
  test(`LBC vectors: ${table}`, { skip: !there }, async (context) => {
    const { cases }: { cases: readonly Vector[] } = JSON.parse(readFileSync(path, 'utf8'));
    for (const vector of cases) await context.test(vector.name, () => check(vector));
  });
};
/** Vectors abbreviate ARNs; ours must be real ones. */
const realArn = (json: string): string => json.replaceAll('"tg-arn"', `"${GROUP_ARN}"`);
const annotationsIn = (input: unknown): Record<string, string> => (input ?? {}) as Record<string, string>;

vectors('annotation-string-map', ({ input, expected }) => {
  const raw = annotationsIn(input.annotations)[`${input.prefix}/${input.suffix}`];
  const pairs = raw === undefined ? undefined : splitPairs(raw);
  assert.deepEqual(
    pairs?.ok ? { exist: true, value: Object.fromEntries(pairs.value) } : { exist: false },
    expected,
  );
});

vectors('annotation-int64', ({ input, expected }) => {
  const raw = annotationsIn(input.annotations)[`${input.prefix}/${input.suffix}`];
  const parsed = raw === undefined ? undefined : parse(ANNOTATIONS['group.order'].parser, raw);
  assert.deepEqual(parsed?.ok ? { exist: true, value: parsed.value } : { exist: false }, expected);
});

vectors('csv-set', ({ input, expected }) => {
  const parsed = parse(ANNOTATIONS.subnets.parser, String(input.input));
  // Deliberately stricter: a list that is stated must not be empty.
  assert.deepEqual(parsed.ok ? parsed.value : [], expected);
});

vectors('cidr-parse', ({ input, expected, expectedError }) => {
  const cidrs = (input.cidrs ?? []) as string[];
  const parsed = parse(ANNOTATIONS['inbound-cidrs'].parser, cidrs.join(','));
  // Deliberately different: host bits are cleared, as EC2 does.
  const canonical = ((expected ?? []) as string[]).map((text) => parseCidr(text)?.text).toSorted();
  if (expectedError === undefined) assert.deepEqual(parsed.ok ? parsed.value : [], canonical);
  else assert.equal(parsed.ok, false);
});

type Tuple = {
  targetGroupARN?: string;
  targetGroupName?: string;
  serviceName?: string;
  servicePort?: number | string;
  weight?: number;
};
vectors('ingress-backend-action-annotation', ({ input, expected }) => {
  const [raw = ''] = Object.values(annotationsIn(input.ingAnnotation)).map(realArn);
  const want = JSON.parse(realArn(JSON.stringify(expected)));
  const { stated } = read({ [`actions.${input.svcName}`]: raw });
  const { type, forwardConfig, redirectConfig, fixedResponseConfig } = want;
  const targets = (forwardConfig?.targetGroups ?? []).map(
    ({ targetGroupARN: arn, targetGroupName, serviceName, servicePort: port, weight = 1 }: Tuple) => {
      if (targetGroupName !== undefined) return { targetGroup: targetGroupName, weight };
      return arn === undefined
        ? { service: serviceName, port: Number(port) || port, weight }
        : { arn, weight };
    },
  );
  const seconds = forwardConfig?.targetGroupStickinessConfig?.durationSeconds;
  const stickiness = seconds === undefined ? {} : { stickinessSeconds: seconds };
  const settings = forwardConfig ? { targets, ...stickiness } : { ...redirectConfig, ...fixedResponseConfig };
  assert.deepEqual(stated['actions.*']?.get(String(input.svcName)), { type, ...settings });
});

vectors('ingress-backend-conditions', ({ input, expected }) => {
  const [raw = ''] = Object.values(annotationsIn(input.ingAnnotation));
  const want = (expected as Record<string, Record<string, unknown>>[]).map(({ field, ...config }) => {
    const [{ httpHeaderName, values } = {}] = Object.values(config);
    return {
      field,
      ...(httpHeaderName ? { header: httpHeaderName } : {}),
      ...(String(field) === 'query-string' ? { pairs: values } : { values }),
    };
  });
  assert.deepEqual(
    read({ [`conditions.${input.svcName}`]: raw }).stated['conditions.*']?.get(String(input.svcName)),
    want,
  );
});

vectors('webhook-ingress-conditions', ({ input }) => {
  const { annotations } = (input.ing as { metadata: { annotations: Record<string, string> } }).metadata;
  assert.deepEqual([...readSettings(annotations, 'ingress').invalid], ['conditions.svc-1']);
});

vectors('ingress-group-name', ({ input, expectedError }) => {
  assert.equal(
    parse(ANNOTATIONS['group.name'].parser, String(input.groupName)).ok,
    expectedError === undefined,
  );
});

vectors('ingress-tg-healthcheck-matcher', ({ input, expected }) => {
  const ingress = readSettings(
    {
      ...annotationsIn(input.svcAndIngAnnotations),
      [`${PREFIX}backend-protocol-version`]: String(input.tgProtocolVersion),
    },
    'ingress',
  );
  const { text, grpc } = overlay(undefined, ingress).settings['success-codes'];
  assert.deepEqual(grpc ? { grpcCode: text } : { httpCode: text }, expected);
});
