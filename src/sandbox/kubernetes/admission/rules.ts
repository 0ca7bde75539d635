import type { Kind } from '../kinds.ts';
import { customResourceDefinitionRule, customResourceRule } from './custom-resources.ts';
import { ingressClassRule, ingressRule } from './ingress.ts';
import { namespaceRule } from './namespace.ts';
import { podRule } from './pods.ts';
import type { Rule } from './rule.ts';
import { serviceRule } from './services.ts';
import { SIMPLE_RULES } from './simple.ts';
import { WORKLOAD_RULES } from './workloads.ts';

/** The rule of a kind; custom resources share one, and kinds without any get an empty one. */
export const ruleFor = (kind: Kind): Rule =>
  kind.type === undefined ? customResourceRule : (RULES[kind.storage] ?? NOTHING);

const NOTHING: Rule = {};

const RULES: Readonly<Record<string, Rule>> = {
  ...SIMPLE_RULES,
  ...WORKLOAD_RULES,
  namespaces: namespaceRule,
  pods: podRule,
  services: serviceRule,
  'ingresses.networking.k8s.io': ingressRule,
  'ingressclasses.networking.k8s.io': ingressClassRule,
  'customresourcedefinitions.apiextensions.k8s.io': customResourceDefinitionRule,
};
