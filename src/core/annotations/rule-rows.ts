import { action } from './action.ts';
import { conditions } from './condition.ts';
import type { Row } from './row.ts';
import { boolean } from './scalar-parsers.ts';
import { transforms } from './transform.ts';

/** Annotations about single rules. */
export const RULE_ROWS = {
  'actions.*': {
    parser: action,
    on: ['ingress'],
    merge: 'per-ingress',
    example: '{"type":"redirect","redirectConfig":{"protocol":"HTTPS","port":"443","statusCode":"HTTP_301"}}',
    invalid: '{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301"}}',
    doc: 'What a backend named `*` with the port name `use-annotation` does instead of forwarding to a Service.',
    feeds: ['rule.actions', 'listener.defaultActions'],
    since: 'LBC',
  },
  'conditions.*': {
    parser: conditions,
    on: ['ingress'],
    merge: 'per-ingress',
    example: '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Beta","values":["yes"]}}]',
    invalid:
      '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"Host","values":["a.example.com"]}}]',
    doc: 'Further conditions for the paths whose backend is named `*`. Values on host and path are added to those of the rule.',
    feeds: ['rule.conditions'],
    since: 'LBC',
  },
  'transforms.*': {
    parser: transforms,
    on: ['ingress'],
    merge: 'per-ingress',
    example:
      '[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"^/api/(.*)$","replace":"/$1"}]}}]',
    invalid: '[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"^/(?!api)"}]}}]',
    doc: 'Changes to the path and query, or to the Host header, of requests on their way to the backend named `*`. A default backend cannot have them.',
    feeds: ['rule.transforms'],
    since: 'LBC',
  },
  'use-regex-path-match': {
    parser: boolean,
    on: ['ingress'],
    merge: 'per-ingress',
    initial: 'false',
    example: 'true',
    invalid: 'yes',
    doc: 'Paths of pathType ImplementationSpecific are regular expressions, written with a leading slash that is not part of them: `/^\\/v[0-9]+$`.',
    feeds: ['rule.conditions'],
    since: 'LBC',
  },
} as const satisfies Record<string, Row>;
