import { action } from './action.ts';
import { conditions } from './condition.ts';
import type { Row } from './row.ts';

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
} as const satisfies Record<string, Row>;
