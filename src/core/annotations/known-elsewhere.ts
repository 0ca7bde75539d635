type Elsewhere = {
  /** Restricts who gets in: leaving it out is not harmless, unless the value is the one given (`none` switches it off). */
  readonly guards?: true | 'unless none';
  /** Why it never will be supported, and what to do instead. */
  readonly never?: string;
  /** The value that asks for nothing: what it says is so anyway. */
  readonly idle?: string;
};

const CLASSIC: Elsewhere = {
  guards: 'unless none',
  never:
    'names a web ACL of AWS WAF Classic, which AWS has ended; expected wafv2-acl-arn or wafv2-acl-name with a web ACL of AWS WAF, or none',
};

/**
 * Annotations under our prefix that other controllers know and this one does not, or not yet. Names ending in `*` are
 * families.
 */
export const NOT_SUPPORTED_YET: Readonly<Record<string, Elsewhere>> = {
  'waf-acl-id': CLASSIC,
  'web-acl-id': CLASSIC,
};

/** Names that were never read by any controller, or are written by one, and what to know instead. */
export const NEVER_READ: Readonly<Record<string, { readonly words: string; readonly didYouMean?: string }>> =
  {
    'healthcheck-healthy-threshold-count': {
      words: 'stood in old documentation and was never read by any controller',
      didYouMean: 'healthy-threshold-count',
    },
    'healthcheck-unhealthy-threshold-count': {
      words: 'stood in old documentation and was never read by any controller',
      didYouMean: 'unhealthy-threshold-count',
    },
    port: {
      words: 'stood in an old example and was never read by any controller',
      didYouMean: 'listen-ports',
    },
    'allowed-hosts': { words: 'has an effect on an IngressClass only' },
    'allowed-schemes': { words: 'has an effect on an IngressClass only' },
    'allowed-groups': { words: 'has an effect on an IngressClass only' },
    'dry-run-plan': { words: 'was written by another controller and has no effect' },
  };
