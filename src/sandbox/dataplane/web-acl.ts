import { BlockList, isIPv6 } from 'node:net';
import type { Rule, Statement, WebACL } from '@aws-sdk/client-wafv2';
import type { ServingState } from '../aws/state.ts';

/** What a web ACL does with a client. */
export type Verdict = 'allow' | 'block' | { readonly unsupported: string };

/** The compiled web ACL of a load balancer. `peer` is the connection's other end. */
export type WebAclCheck = (peer: string) => Verdict;

/**
 * Compiles the web ACL a load balancer is associated with; undefined without one. Evaluated are the default action and
 * rules of an IP set or its negation that allow, block or count; a web ACL with anything else refuses every request,
 * naming it, so that no request passes that AWS might have blocked.
 */
export const webAclCheck = (state: ServingState, loadBalancerArn: string): WebAclCheck | undefined => {
  const arn = state.webAclOf.get(loadBalancerArn);
  if (arn === undefined) return undefined;
  const acl = state.webAcls.get(arn);
  if (acl === undefined) return () => ({ unsupported: `web ACL ${arn}, which the sandbox does not hold` });
  try {
    return compile(state, acl);
  } catch (error) {
    const unsupported = `web ACL '${acl.Name}': ${error instanceof Error ? error.message : error}`;
    return () => ({ unsupported });
  }
};

type Step = { readonly fits: (peer: string) => boolean; readonly verdict: 'allow' | 'block' };

const compile = (state: ServingState, acl: WebACL): WebAclCheck => {
  const otherwise = actionOf('its default action', acl.DefaultAction ?? {});
  const steps = (acl.Rules ?? [])
    .toSorted((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0))
    .flatMap((rule) => compileRule(state, rule));
  return (peer) => steps.find((step) => step.fits(peer))?.verdict ?? otherwise ?? 'allow';
};

/** A rule that only counts ends nothing. */
const compileRule = (state: ServingState, rule: Rule): readonly Step[] => {
  const name = `rule '${rule.Name}'`;
  const fits = compileStatement(state, name, rule.Statement ?? {});
  const verdict = actionOf(name, rule.Action ?? {});
  return verdict === undefined ? [] : [{ fits, verdict }];
};

const actionOf = (where: string, action: NonNullable<Rule['Action']>): 'allow' | 'block' | undefined => {
  const [[kind, settings] = ['no action', {}]] = Object.entries(action).filter(
    ([, value]) => value !== undefined,
  );
  const more = Object.keys(settings ?? {}).find((key) => key !== '$unknown');
  if (more !== undefined) throw new Error(`${where} with ${more}`);
  if (kind === 'Allow') return 'allow';
  if (kind === 'Block') return 'block';
  if (kind === 'Count') return undefined;
  throw new Error(`${where} with ${kind}`);
};

const compileStatement = (
  state: ServingState,
  where: string,
  statement: Statement,
): ((peer: string) => boolean) => {
  const [[kind] = ['no statement']] = Object.entries(statement).filter(([, value]) => value !== undefined);
  const inner = statement.NotStatement?.Statement;
  if (inner !== undefined) {
    const fits = compileStatement(state, where, inner);
    return (peer) => !fits(peer);
  }
  const set = statement.IPSetReferenceStatement;
  if (set === undefined) throw new Error(`${where} with ${kind}`);
  if (set.IPSetForwardedIPConfig !== undefined)
    throw new Error(`${where} with an IP set for forwarded addresses`);
  const addresses = state.ipSets.get(set.ARN ?? '')?.Addresses;
  if (addresses === undefined) throw new Error(`${where} with IP set ${set.ARN}, which does not exist`);
  return addressTest(addresses);
};

const addressTest = (ranges: readonly string[]): ((peer: string) => boolean) => {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return (peer) => list.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4');
};
