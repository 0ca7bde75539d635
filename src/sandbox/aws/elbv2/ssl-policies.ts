/** The security policies that HTTPS listeners can have. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SslPolicy } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeSSLPolicies$, SSLPolicyNotFoundException$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { page } from './page.ts';

const TLS13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const GCM = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];
const CBC256 = [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
];
const SHA1 = [
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES256-SHA',
];
const RSA = ['AES128-GCM-SHA256', 'AES128-SHA256', 'AES256-GCM-SHA384', 'AES256-SHA256'];
const RSA_SHA1 = ['AES128-SHA', 'AES256-SHA'];

const ALL = ['TLSv1', 'TLSv1.1', 'TLSv1.2'];

/** The default of HTTPS listeners made through the API. */
export const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';

type Policy = readonly [protocols: readonly string[], ciphers: readonly string[]];

const FIPS13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'];
const ALL_BEFORE_13 = [...GCM, ...CBC256, ...SHA1, ...RSA, ...RSA_SHA1];

/** Policies whose cryptography is validated by FIPS 140, by the middle of their names (AWS documentation). */
const FIPS: Readonly<Record<string, Policy>> = {
  '1-3': [['TLSv1.3'], FIPS13],
  '1-2': [
    ['TLSv1.2', 'TLSv1.3'],
    [...FIPS13, ...GCM, ...CBC256],
  ],
  '1-2-Res': [
    ['TLSv1.2', 'TLSv1.3'],
    [...FIPS13, ...GCM],
  ],
  '1-2-Ext0': [
    ['TLSv1.2', 'TLSv1.3'],
    [...FIPS13, ...GCM, ...CBC256, ...SHA1],
  ],
  '1-2-Ext1': [
    ['TLSv1.2', 'TLSv1.3'],
    [...FIPS13, ...GCM, ...CBC256, ...RSA],
  ],
  '1-2-Ext2': [
    ['TLSv1.2', 'TLSv1.3'],
    [...FIPS13, ...ALL_BEFORE_13],
  ],
  '1-1': [
    ['TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
    [...FIPS13, ...ALL_BEFORE_13],
  ],
  '1-0': [
    [...ALL, 'TLSv1.3'],
    [...FIPS13, ...ALL_BEFORE_13],
  ],
};

const BASE: Readonly<Record<string, Policy>> = {
  [DEFAULT_SSL_POLICY]: [ALL, [...GCM, ...CBC256, ...SHA1, ...RSA, ...RSA_SHA1]],
  'ELBSecurityPolicy-2015-05': [ALL, [...GCM, ...CBC256, ...SHA1, ...RSA, ...RSA_SHA1]],
  'ELBSecurityPolicy-TLS-1-0-2015-04': [
    ALL,
    [...GCM, ...CBC256, ...SHA1, ...RSA, ...RSA_SHA1, 'DES-CBC3-SHA'],
  ],
  'ELBSecurityPolicy-TLS-1-1-2017-01': [
    ['TLSv1.1', 'TLSv1.2'],
    [...GCM, ...CBC256, ...SHA1, ...RSA, ...RSA_SHA1],
  ],
  'ELBSecurityPolicy-TLS-1-2-2017-01': [['TLSv1.2'], [...GCM, ...CBC256, ...RSA]],
  'ELBSecurityPolicy-TLS-1-2-Ext-2018-06': [['TLSv1.2'], [...GCM, ...CBC256, ...SHA1, ...RSA, ...RSA_SHA1]],
  'ELBSecurityPolicy-FS-2018-06': [ALL, [...GCM, ...CBC256, ...SHA1]],
  'ELBSecurityPolicy-FS-1-1-2019-08': [
    ['TLSv1.1', 'TLSv1.2'],
    [...GCM, ...CBC256, ...SHA1],
  ],
  'ELBSecurityPolicy-FS-1-2-2019-08': [['TLSv1.2'], [...GCM, ...CBC256, ...SHA1]],
  'ELBSecurityPolicy-FS-1-2-Res-2019-08': [['TLSv1.2'], [...GCM, ...CBC256]],
  'ELBSecurityPolicy-FS-1-2-Res-2020-10': [['TLSv1.2'], GCM],
  'ELBSecurityPolicy-TLS13-1-0-2021-06': [
    [...ALL, 'TLSv1.3'],
    [...TLS13, ...GCM, ...CBC256, ...SHA1, ...RSA, ...RSA_SHA1],
  ],
  'ELBSecurityPolicy-TLS13-1-1-2021-06': [
    ['TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
    [...TLS13, ...GCM, ...CBC256, ...SHA1, ...RSA, ...RSA_SHA1],
  ],
  'ELBSecurityPolicy-TLS13-1-2-2021-06': [
    ['TLSv1.2', 'TLSv1.3'],
    [...TLS13, ...GCM, ...CBC256],
  ],
  'ELBSecurityPolicy-TLS13-1-2-Res-2021-06': [
    ['TLSv1.2', 'TLSv1.3'],
    [...TLS13, ...GCM],
  ],
  'ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06': [
    ['TLSv1.2', 'TLSv1.3'],
    [...TLS13, ...GCM, ...CBC256, ...RSA],
  ],
  'ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06': [
    ['TLSv1.2', 'TLSv1.3'],
    [...TLS13, ...GCM, ...CBC256, ...SHA1, ...RSA, ...RSA_SHA1],
  ],
  'ELBSecurityPolicy-TLS13-1-3-2021-06': [['TLSv1.3'], TLS13],
};

/** Those that negotiate post-quantum keys as well; the protocols and ciphers are those of their elder twins. */
const POST_QUANTUM = ['1-2', '1-2-Res', '1-2-Ext1', '1-2-Ext2', '1-3'];
const POST_QUANTUM_FIPS = [...POST_QUANTUM, '1-2-Ext0'];

const NONE: Policy = [[], []];

const POLICIES: Readonly<Record<string, Policy>> = {
  ...BASE,
  ...Object.fromEntries(
    Object.entries(FIPS).map(([name, policy]) => [`ELBSecurityPolicy-TLS13-${name}-FIPS-2023-04`, policy]),
  ),
  ...Object.fromEntries(
    POST_QUANTUM.map((name) => [
      `ELBSecurityPolicy-TLS13-${name}-PQ-2025-09`,
      BASE[`ELBSecurityPolicy-TLS13-${name}-2021-06`] ?? NONE,
    ]),
  ),
  ...Object.fromEntries(
    POST_QUANTUM_FIPS.map((name) => [`ELBSecurityPolicy-TLS13-${name}-FIPS-PQ-2025-09`, FIPS[name] ?? NONE]),
  ),
};

export const sslPolicyOperations = (): Operations<typeof Sdk> => ({
  DescribeSSLPolicies: {
    schema: DescribeSSLPolicies$,
    handle: (input) => {
      for (const name of input.Names ?? []) checkSslPolicy(name);
      const names = Object.keys(POLICIES).filter((name) => input.Names?.includes(name) ?? true);
      const { items, ...next } = page(names, (name) => name, input);
      return { SslPolicies: items.map(describe), ...next };
    },
  },
});

const describe = (name: string): SslPolicy => {
  const [protocols, ciphers] = POLICIES[name] ?? NONE;
  return {
    Name: name,
    SslProtocols: [...protocols],
    Ciphers: ciphers.map((cipher, index) => ({ Name: cipher, Priority: index + 1 })),
    SupportedLoadBalancerTypes: ['application', 'network'],
  };
};

/** Throws for a policy that does not exist. */
export const checkSslPolicy = (name: string): string => {
  if (!Object.hasOwn(POLICIES, name))
    throw refuse(SSLPolicyNotFoundException$, `SSL policy '${name}' not found`);
  return name;
};
