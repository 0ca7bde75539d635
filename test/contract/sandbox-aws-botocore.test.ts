/**
 * Chance against the wire, said by botocore: random inputs and outputs of its own models, for every operation served.
 * `npm run fuzz:aws` is the long form; FUZZ_SEEDS sets its size. Skipped where python3 has no botocore.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Service } from '../../src/sandbox/aws/wire/operation.ts';
import { plain, services, serving } from './sandbox-aws-echo.ts';

const SEEDS = Number(process.env.FUZZ_SEEDS ?? 1);
const ROUNDS = SEEDS > 1 ? 4 : 2;
const SCRIPT = join(import.meta.dirname, 'sandbox-aws-botocore.py');

/** The version, or why there is none. */
const botocore = (): { readonly version?: string; readonly missing: string | false } => {
  try {
    const args = ['-c', 'import botocore; print(botocore.__version__)'];
    const version = execFileSync('python3', args, {
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: 60_000,
    }).trim();
    return { version, missing: false };
  } catch {
    return { missing: 'python3 with botocore is not installed (apt-get install python3-botocore)' };
  }
};

/** botocore's name of a service, where it is not that of its signatures. */
const NAMES: Readonly<Record<string, string>> = {
  elasticloadbalancing: 'elbv2',
  tagging: 'resourcegroupstaggingapi',
};

/**
 * A value that came as JSON, as the SDK's schema has it: dates and bytes as such. Members that one of the two models
 * does not know yet are left out and counted.
 */
const typed = (schema: NormalizedSchema, value: unknown, unknown: Set<string>): unknown => {
  if (schema.isTimestampSchema()) return new Date(String(value));
  if (schema.isBlobSchema()) return new Uint8Array(Buffer.from(String(value), 'base64'));
  if (schema.isNumericSchema()) return Number(value);
  if (Array.isArray(value)) return value.map((item) => typed(schema.getValueSchema(), item, unknown));
  if (typeof value !== 'object' || value === null) return value;
  if (schema.isMapSchema())
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, typed(schema.getValueSchema(), item, unknown)]),
    );
  const members = new Map(schema.isStructSchema() ? [...schema.structIterator()] : []);
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      const member = members.get(name);
      if (member === undefined) unknown.add(`${schema.getName(true)}.${name}`);
      return member === undefined ? [] : [[name, typed(member, item, unknown)]];
    }),
  );
};

type Told = {
  readonly operation: string;
  readonly seed: number;
  readonly input: unknown;
  readonly output: unknown;
};
type Outcome = { readonly reply?: unknown; readonly error?: string };

/** One service that does as it is told at `control`, and what went wrong with it. */
const echo = async (service: Service, mismatches: string[], unknown: Set<string>) => {
  let told: Told | undefined;
  let input: unknown;
  let output: unknown;
  let received: unknown;
  let trips = 0;
  const endpoint = await serving(service, (given) => {
    received = given;
    return Promise.resolve(output);
  });
  const schemaAt = (at: 4 | 5): NormalizedSchema =>
    NormalizedSchema.of(service.operations[told?.operation ?? '']?.schema[at] ?? 'unit');
  const plan = (next: Told): void => {
    told = next;
    received = undefined;
    input = typed(schemaAt(4), next.input, unknown);
    output = typed(schemaAt(5), next.output, unknown);
  };
  const judge = ({ reply, error }: Outcome): void => {
    trips += 1;
    const title = `${service.signingName} ${told?.operation}, seed ${told?.seed}`;
    const same = (what: string, actual: unknown, expected: unknown): void => {
      const [is, should] = [actual, expected].map((value) => JSON.stringify(plain(value)));
      if (is !== should) mismatches.push(`${title}: ${what} is ${is}, should be ${should}`);
    };
    same('input', received, input);
    if (error === undefined) same('output', typed(schemaAt(5), reply, unknown), output);
    else mismatches.push(`${title}: ${error}`);
  };
  const control = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) body += chunk;
    const said = JSON.parse(body) as Told | Outcome;
    if ('operation' in said) plan(said);
    else judge(said);
    response.end();
  });
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve));
  return {
    task: {
      name: NAMES[service.signingName] ?? service.signingName,
      url: `http://127.0.0.1:${endpoint.port}`,
      control: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
      operations: Object.keys(service.operations),
    },
    trips: () => trips,
    stop: async () => {
      control.close();
      control.closeAllConnections();
      await endpoint.stop();
    },
  };
};

describe('botocore', () => {
  const { version, missing } = botocore();
  it(`random round trips of every operation, ${SEEDS} seeds`, { skip: missing }, async (t) => {
    const mismatches: string[] = [];
    const unknown = new Set<string>();
    const echoes = await Promise.all(services.map((service) => echo(service, mismatches, unknown)));
    try {
      const running = promisify(execFile)('python3', [SCRIPT], { timeout: 380_000 });
      running.child.stdin?.end(
        JSON.stringify({ seeds: SEEDS, rounds: ROUNDS, services: echoes.map(({ task }) => task) }),
      );
      const without = JSON.parse((await running).stdout) as Record<string, readonly string[]>;
      const absent = Object.entries(without).flatMap(([name, all]) => all.map((one) => `${name} ${one}`));
      const operations = echoes.reduce((sum, { task }) => sum + task.operations.length, 0) - absent.length;
      const trips = echoes.reduce((sum, each) => sum + each.trips(), 0);
      t.diagnostic(`botocore ${version}: ${operations} operations, ${trips} round trips`);
      t.diagnostic(`operations it does not know: ${absent.join(', ') || 'none'}`);
      t.diagnostic(`members only one side knows: ${[...unknown].join(', ') || 'none'}`);
      assert.equal(trips, operations * SEEDS * ROUNDS);
      assert.ok(operations > 100, `${operations} operations`);
      assert.deepEqual(mismatches.slice(0, 20), [], `${mismatches.length} mismatches`);
    } finally {
      for (const each of echoes) await each.stop();
    }
  });
});
