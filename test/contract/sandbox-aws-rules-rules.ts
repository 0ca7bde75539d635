/** AWS's rules about rules. */
import type { Section } from './sandbox-aws-rule.ts';

const V = 'ValidationError';

export const RULES: Section = {
  title: 'Rules',
  areas: ['ELBv2 conditions', 'ELBv2 priorities', 'ELBv2 rules do'],
  rules: [
    [
      '100 rules for each load balancer, over all listeners, the default ones not counted.',
      'TooManyRules',
      'docs',
      ['more rules than the quota, over all listeners'],
    ],
    [
      'Priorities 1 to 50,000, each once for a listener.',
      `PriorityInUse, ${V}`,
      'model',
      [
        'a priority that is taken',
        'priority 0',
        'priority 50001',
        'moving a rule to a priority that is taken',
        'two rules to one priority',
      ],
    ],
    [
      'SetRulePriorities does all or nothing; two rules can swap.',
      'none',
      'model',
      ['two rules swap their priorities in one call'],
    ],
    [
      'The default rule cannot be moved, changed or deleted.',
      'OperationNotPermitted',
      'model',
      ['a priority for the default rule', 'deleting the default rule', 'modifying the default rule'],
    ],
    ['Unknown rules are errors.', 'RuleNotFound', 'model', ['deleting an unknown rule']],
    [
      'Listed by priority, as text, the default one last; values in both forms.',
      'none',
      'run',
      [
        'rules are listed by priority, as text, the default one last',
        'a path condition is told in both forms',
      ],
    ],
    [
      'At least one condition, of a known field, each with its own configuration.',
      V,
      'docs',
      [
        'no condition',
        'an unknown field',
        'Values and a config',
        'a config of another field',
        'Values for a query string',
        'two Values',
        'a query pair without value',
      ],
    ],
    ['Five values for each rule.', V, 'docs', ['six values', 'five values in one path condition']],
    [
      'Three values for each condition, as one page of the documentation says.',
      V,
      'docs',
      'The same documentation says five for each rule elsewhere, and users of AWS have five in one condition.',
    ],
    [
      'Six wildcards for each rule (fact `wildcardsPerRule`; another page says five).',
      V,
      'docs',
      ['seven wildcards'],
    ],
    [
      'Paths have letters, digits and `_-.$/~"\'@:+&`; `*` and `?` are wildcards.',
      V,
      'seen',
      ['a path with the characters of an expression'],
    ],
    ['Host, path, method and source at most once for each rule.', V, 'docs', ['two host conditions']],
    [
      'Values: lengths, forms of hosts, headers, methods and blocks.',
      V,
      'docs',
      [
        'a path of 129 characters',
        'a host without a dot',
        'a host that ends in digits',
        'a header name of 41 characters',
        'the Host header',
        'a lower-case method',
        'a source that is no CIDR block',
        'the source 255.255.255.255/32',
      ],
    ],
    [
      'Regular expressions are like RE2, at most 128 characters, and not beside globs.',
      V,
      'docs',
      [
        'globs and expressions together',
        'an expression of 129 characters',
        'an expression that looks ahead',
        'an expression with a Unicode class',
        'a rewrite with a back reference',
        'regular expressions are kept',
      ],
    ],
    [
      'One rewrite of the host and one of the URL for each rule.',
      V,
      'docs',
      [
        'two URL rewrites',
        'a rewrite without its configuration',
        'transforms and their reset',
        'transforms are kept',
      ],
    ],
  ],
};
