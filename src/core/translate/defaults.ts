/** What holds where annotations say nothing, and what they may not say: set for the whole controller by flags. */

import type { Reading } from '../annotations/read.ts';
import { oneOf } from '../annotations/scalar-parsers.ts';
import type { Settings, Stated } from '../annotations/table.ts';
import { ANNOTATIONS, PREFIX } from '../annotations/table.ts';
import { awsTags } from '../annotations/tags.ts';
import type { Tags } from '../model/tags.ts';

/** `exact`: only certificates with the very name of a host; `discover`: also those with a wildcard for it. */
export type CertificateDiscovery = 'off' | 'exact' | 'discover';

export type Defaults = {
  /** In place of the defaults of the annotation table. */
  readonly settings: Pick<Stated, 'scheme' | 'ssl-policy' | 'target-type' | 'tls-secrets' | 'acm-pca-arn'>;
  /** On everything that is made; they win over those of Ingresses and Services. */
  readonly tags: Tags;
  /** Keys of tags that somebody else looks after: nobody here may state them. */
  readonly externalTags: readonly string[];
  /** How certificates are found for HTTPS listeners of Ingresses that name none. */
  readonly certificateDiscovery: CertificateDiscovery;
  /** Seconds before its end from which on users are told of a certificate that nothing has renewed. */
  readonly expiryWarning: number;
  /** Requests for a missing Service get 503; otherwise their path stays as it was. */
  readonly tolerateMissingService: boolean;
  /** The same for a missing `actions.*` annotation. */
  readonly tolerateMissingAction: boolean;
  /** Namespaces of a group need no consent for each other's hosts. */
  readonly shareHosts: boolean;
  /** Whether discovery may use subnets that only other clusters have put their tag on. */
  readonly subnetsOfOthers: boolean;
  /** Availability Zones a load balancer needs: one for accounts to which AWS has opened that. */
  readonly leastZones: 1 | 2;
  /** Whether load balancers are let into the security groups of nodes and pods. */
  readonly reachTargets: boolean;
};

export const NO_DEFAULTS: Defaults = {
  settings: {},
  tags: {},
  externalTags: [],
  certificateDiscovery: 'discover',
  expiryWarning: 14 * 86_400,
  tolerateMissingService: true,
  tolerateMissingAction: false,
  shareHosts: false,
  subnetsOfOthers: false,
  leastZones: 2,
  reachTargets: true,
};

/** Flags as text, by name; absent ones undefined. */
export type DefaultFlags = {
  readonly 'default-tags': string | undefined;
  readonly 'external-managed-tags': readonly string[];
  readonly 'default-load-balancer-scheme': string | undefined;
  readonly 'default-ssl-policy': string | undefined;
  readonly 'default-target-type': string | undefined;
  readonly 'default-pca-arn': string | undefined;
  readonly 'tls-secrets': string | undefined;
  readonly 'certificate-expiry-warning': number;
  readonly 'certificate-discovery': string | undefined;
  readonly 'tolerate-non-existent-backend-service': boolean;
  readonly 'tolerate-non-existent-backend-action': boolean;
  readonly 'share-hosts': boolean;
  readonly 'subnets-of-other-clusters': boolean;
  readonly 'single-subnet': boolean;
  readonly 'enable-backend-security-group': boolean;
};

const SETTINGS = [
  ['default-load-balancer-scheme', 'scheme'],
  ['default-ssl-policy', 'ssl-policy'],
  ['default-target-type', 'target-type'],
  ['tls-secrets', 'tls-secrets'],
  ['default-pca-arn', 'acm-pca-arn'],
] as const;

/** Reads the flags with the parsers of the annotations they stand in for; or says what is wrong with one. */
export const defaultsOf = (flags: DefaultFlags): Defaults | { readonly wrong: string } => {
  const settings: Record<string, unknown> = {};
  for (const [flag, name] of SETTINGS) {
    const raw = flags[flag];
    if (raw === undefined) continue;
    const parsed = ANNOTATIONS[name].parser.parse(raw);
    if (!parsed.ok) return { wrong: `--${flag}: expected ${parsed.faults[0].expected}, got "${raw}"` };
    settings[name] = parsed.value;
  }
  const tags = awsTags.parse(flags['default-tags'] ?? '');
  if (!tags.ok)
    return {
      wrong: `--default-tags: expected ${tags.faults[0].expected}, got "${tags.faults[0].value ?? flags['default-tags']}"`,
    };
  const discovery = oneOf('off', 'exact', 'discover').parse(flags['certificate-discovery'] ?? 'discover');
  if (!discovery.ok)
    return {
      wrong: `--certificate-discovery: expected ${discovery.faults[0].expected}, got "${flags['certificate-discovery']}"`,
    };
  for (const key of flags['external-managed-tags']) {
    const stated = awsTags.parse(`${key}=`);
    if (!stated.ok)
      return { wrong: `--external-managed-tags: expected ${stated.faults[0].expected}, got "${key}"` };
  }
  const both = flags['external-managed-tags'].find((key) => key in tags.value);
  if (both !== undefined)
    return {
      wrong: `--external-managed-tags: ${both} is also in --default-tags; expected it in one of them`,
    };
  return {
    // The parsers are those of the names.
    settings: settings as Defaults['settings'],
    tags: tags.value,
    externalTags: flags['external-managed-tags'],
    certificateDiscovery: discovery.value,
    expiryWarning: flags['certificate-expiry-warning'],
    tolerateMissingService: flags['tolerate-non-existent-backend-service'],
    tolerateMissingAction: flags['tolerate-non-existent-backend-action'],
    shareHosts: flags['share-hosts'],
    subnetsOfOthers: flags['subnets-of-other-clusters'],
    leastZones: flags['single-subnet'] ? 1 : 2,
    reachTargets: flags['enable-backend-security-group'],
  };
};

/** A reading with the defaults of the flags below it, and tags that are somebody else's refused. */
export const withFlags = (reading: Reading, defaults: Defaults): Reading => {
  const settings: Settings = { ...reading.settings, ...defaults.settings, ...reading.stated };
  const taken = Object.keys(reading.stated.tags ?? {}).find((key) => defaults.externalTags.includes(key));
  if (taken === undefined) return { ...reading, settings };
  const { tags, ...stated } = reading.stated;
  return {
    ...reading,
    stated,
    settings: { ...settings, tags: {} },
    invalid: new Set([...reading.invalid, 'tags']),
    problems: [
      ...reading.problems,
      {
        annotation: `${PREFIX}tags`,
        at: taken,
        value: tags?.[taken] ?? '',
        expected: 'another key: --external-managed-tags leaves this one to somebody else',
        severity: 'error',
        reason: 'combination',
      },
    ],
  };
};
