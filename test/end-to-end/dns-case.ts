/** Cases of names, walked against a running sandbox: by the state of AWS, by dig, and by requests. */
import assert from 'node:assert/strict';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { dig } from '../contract/dig.ts';
import { lineOf, type Names, parseLine } from '../contract/record-lines.ts';
import { ingress } from './manifests.ts';
import type { World } from './world.ts';

export type DnsCase = {
  readonly name: string;
  /** Name of the Ingress, and of its host under example.com unless `hosts` says otherwise. */
  readonly label: string;
  readonly hosts?: readonly string[];
  /** Names without a slash get the prefix of external-dns. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** What is put at its names before, in place of what stands there. */
  readonly given?: readonly string[];
  /** What stands at its names then, in ZEX. */
  readonly holds: readonly string[];
  /** What else may not be there. */
  readonly absent?: readonly string[];
  readonly elsewhere?: Readonly<Record<string, readonly string[]>>;
  /** Of an event on the Ingress. */
  readonly told?: RegExp;
  /** The Ingress is deleted. */
  readonly gone?: true;
};

export const STACK = 'cases';
const TEXT = 'served-by-us';
const NAMESPACE = 'web';
const PLACE = { subnets: 'subnet-1234,subnet-5678', 'security-groups': 'sg-1234' };

const hostsOf = ({ label, hosts = [`${label}.example.com`] }: DnsCase): readonly string[] => hosts;

const manifestOf = (each: DnsCase): string => {
  const { label, annotations = {} } = each;
  const text = ingress({ namespace: NAMESPACE, name: label, host: '$HOST', paths: [['/', 'server']] });
  const all = {
    ...Object.fromEntries(
      Object.entries({ ...PLACE, 'group.name': STACK }).map(([key, value]) => [
        `alb.ingress.kubernetes.io/${key}`,
        value,
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [
        key.includes('/') ? key : `external-dns.alpha.kubernetes.io/${key}`,
        value,
      ]),
    ),
  };
  const [head = '', rule = ''] = text
    .replace('annotations: {}', `annotations: ${JSON.stringify(all)}`)
    .split(/(?<=rules:\n)/);
  const one = rule.replace(/\n---$/, '\n');
  const hosts = hostsOf(each);
  const rules =
    hosts.length === 0
      ? one.replace(/host: .*\n\s+http/, 'http')
      : hosts.map((host) => one.replace('$HOST', host)).join('');
  return `${head}${rules}---\n`;
};

export type Walk = {
  /** Puts what is given, changes the Ingresses. */
  prepare(cases: readonly DnsCase[]): Promise<void>;
  /** Rejects with the first difference, now. */
  check(each: DnsCase): void;
  /** What dig and requests get. */
  ask(each: DnsCase): Promise<void>;
  /** Learns the load balancers by name. */
  learn(): void;
};

export const walk = (world: World): Walk => {
  const { state } = world.box.aws;
  const names: Map<string, { readonly dnsName: string; readonly zone: string }> = new Map();
  const stored = (zone: string): readonly ResourceRecordSet[] =>
    [...(state.zones.get(zone)?.records.values() ?? [])].filter(
      ({ Type }) => Type !== 'NS' && Type !== 'SOA',
    );
  const linesAt = (zone: string, places: ReadonlySet<string>): readonly string[] =>
    stored(zone)
      .map((record) => lineOf(record, names))
      .filter((line) => places.has(line.split(' ')[1] ?? ''))
      .sort();
  const client = new Route53Client(world.sdk);
  return {
    learn: () => {
      for (const {
        DNSName = '',
        CanonicalHostedZoneId: zone = '',
        LoadBalancerName,
      } of state.loadBalancers.values())
        names.set(LoadBalancerName?.includes(STACK) ? 'us' : 'other', {
          dnsName: DNSName.toLowerCase(),
          zone,
        });
    },
    prepare: async (cases) => {
      const changes = cases.flatMap((each): readonly Change[] => {
        const { given } = each;
        if (!given) return [];
        const places = placesOf(each);
        const before = stored('ZEX').filter((record) =>
          places.has(lineOf(record, names).split(' ')[1] ?? ''),
        );
        return [
          ...before.map((record): Change => ({ Action: 'DELETE', ResourceRecordSet: record })),
          ...given.map((line): Change => ({ Action: 'CREATE', ResourceRecordSet: parseLine(line, names) })),
        ];
      });
      if (changes.length > 0)
        await client.send(
          new ChangeResourceRecordSetsCommand({
            HostedZoneId: 'ZEX',
            ChangeBatch: { Changes: [...changes] },
          }),
        );
      const stay = cases.filter(({ gone }) => !gone);
      await world.kubectl(['apply', '-f', '-'], stay.map(manifestOf).join(''));
      const gone = cases.flatMap(({ gone: goes, label }) => (goes ? [label] : []));
      if (gone.length > 0)
        await world.kubectl(['delete', 'ingress', '-n', NAMESPACE, '--wait=false', ...gone]);
    },
    check: (each) => {
      const places = placesOf(each);
      assert.deepEqual(linesAt('ZEX', places), [...each.holds].sort(), each.name);
      for (const [zone, lines] of Object.entries(each.elsewhere ?? {}))
        assert.deepEqual(linesAt(zone, places), [...lines].sort(), `${each.name}: ${zone}`);
    },
    ask: async (each) => {
      const port = world.box.dnsPort;
      const address = (await dig(port, names.get('us')?.dnsName ?? '', 'A')).answers;
      const shown = [
        ...each.holds,
        ...Object.entries(each.elsewhere ?? {}).flatMap(([zone, lines]) => (zone === 'ZEXP' ? [] : lines)),
      ];
      for (const line of shown) {
        const { type, name, wanted, certain } = expected(line, shown, address, names);
        if (!certain) continue;
        const { answers } = await dig(port, name, type);
        assert.deepEqual(answers, wanted, `${each.name}: dig ${name} ${type}`);
        if (type !== 'TXT' && line.includes(' -> us'))
          assert.equal(
            (await world.get(`http://${name}/`)).body.trim(),
            TEXT,
            `${each.name}: a request to ${name}`,
          );
      }
      for (const name of each.absent ?? [])
        assert.deepEqual((await dig(port, name, 'A')).answers, [], `${each.name}: dig ${name}`);
    },
  };
};

/** What dig gets for a line; not certain where Route 53 chooses, or the sandbox does not know where its clients are. */
const expected = (line: string, all: readonly string[], address: readonly string[], names: Names) => {
  const [type = '', called = '', third = '', fourth = ''] = line.split(' ');
  const name = called.replace('*', 'anything');
  const others = all.filter((other) => other.startsWith(`${type} ${called} `)).length > 1;
  const certain = !others && !/\[\S+ (latency|continent|country)/.test(line);
  if (third === '->') {
    const wanted = fourth.startsWith('us') ? (type === 'A' ? address : []) : [];
    return { type, name, wanted, certain: certain && fourth.startsWith('us') };
  }
  const value = line
    .replace(/ \[.*\]$/, '')
    .split(' ')
    .slice(3)
    .join(' ');
  return { type, name, wanted: [`${type} ${names.get(value)?.dnsName ?? value}`], certain };
};

/** The names a case is about: its hosts, what is given or stands then, and their ownership records. */
const placesOf = (each: DnsCase): ReadonlySet<string> => {
  const lines = [...each.holds, ...(each.given ?? []), ...Object.values(each.elsewhere ?? {}).flat()];
  const names = [...lines.map((line) => line.split(' ')[1] ?? ''), ...hostsOf(each), ...(each.absent ?? [])];
  return new Set([
    ...names,
    ...names.map((name) => `_alb-ingress.${name.startsWith('*.') ? `_any.${name.slice(2)}` : name}`),
  ]);
};
