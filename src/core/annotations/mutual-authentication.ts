import type { MutualAuthentication } from '../model/mutual-authentication.ts';
import { acceptUnless, type Parser, refuse } from './parser.ts';
import {
  type Findings,
  fault,
  join,
  listOf,
  parseJson,
  record,
  string,
  truth,
  whole,
  word,
} from './shape.ts';

/** By port. */
export type PortAuthentication = MutualAuthentication & { readonly port: number };

/** JSON in the shape that LBC documents. */
export const mutualAuthentication: Parser<readonly PortAuthentication[]> = {
  type: 'JSON list of ports with modes `off`, `passthrough` or `verify`',
  schema: { pattern: '^\\s*\\[' },
  parse: (raw) => {
    const json = parseJson(raw);
    if (json === undefined) return refuse('JSON like [{"port":443,"mode":"verify","trustStore":"clients"}]');
    const findings: Findings = { faults: [], remarks: [] };
    const entries = LIST(json, '', findings) ?? [];
    const read = entries
      .map((entry, index) => authenticationOf(entry, `[${index}]`, findings))
      .filter((one) => one !== undefined);
    for (const [index, { port }] of read.entries())
      if (read.findIndex((other) => other.port === port) < index)
        fault(findings, '', `every port once, but ${port} is there twice`);
    return acceptUnless(findings.faults, () => read, findings.remarks);
  },
};

const LIST = listOf(
  record({
    port: whole(1, 65_535),
    mode: word('off', 'passthrough', 'verify'),
    trustStore: string('the name or ARN of a trust store', (value) =>
      /^([\w-]{1,32}|arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d+:truststore\/[\w-]+\/[0-9a-f]+)$/.test(
        value,
      ),
    ),
    ignoreClientCertificateExpiry: truth,
    advertiseTrustStoreCaNames: word('on', 'off'),
  }),
  1,
  50,
);

type Entry = NonNullable<ReturnType<typeof LIST>>[number];

const OF_VERIFY = ['trustStore', 'ignoreClientCertificateExpiry', 'advertiseTrustStoreCaNames'] as const;

const authenticationOf = (entry: Entry, at: string, findings: Findings): PortAuthentication | undefined => {
  const { port, mode, trustStore, ignoreClientCertificateExpiry, advertiseTrustStoreCaNames } = entry;
  if (port === undefined) return fault(findings, join(at, 'port'), 'the port of an HTTPS listener');
  if (mode === undefined) return fault(findings, join(at, 'mode'), 'one of off, passthrough, verify');
  if (mode !== 'verify') {
    const odd = OF_VERIFY.find((name) => entry[name] !== undefined);
    return odd ? fault(findings, join(at, odd), `mode verify, not ${mode}`) : { port, mode };
  }
  if (trustStore === undefined)
    return fault(
      findings,
      join(at, 'trustStore'),
      'the name or ARN of a trust store, because mode is verify',
    );
  return {
    port,
    mode,
    trustStore,
    ignoreExpiry: ignoreClientCertificateExpiry ?? false,
    advertiseNames: advertiseTrustStoreCaNames === 'on',
  };
};
