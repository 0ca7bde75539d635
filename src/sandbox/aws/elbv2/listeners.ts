/** Listeners and their attributes. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type {
  Certificate,
  Listener,
  MutualAuthenticationAttributes,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ALPNPolicyNotSupportedException$,
  CreateListener$,
  DeleteListener$,
  DescribeListenerAttributes$,
  DescribeListeners$,
  DuplicateListenerException$,
  InvalidConfigurationRequestException$,
  ListenerNotFoundException$,
  ModifyListener$,
  ModifyListenerAttributes$,
  TooManyCertificatesException$,
  TooManyListenersException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { nextId } from '../account.ts';
import type { StoredListener, StoredLoadBalancer } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { checkActions, describeActions } from './actions.ts';
import { refuseWhileListened } from './alb-target.ts';
import { attributeList, initialAttributes, listenerAttributes, withAttributes } from './attributes.ts';
import { balancerKind, PROTOCOLS, refuseOtherProtocols } from './balancer-kind.ts';
import type { Elb } from './find.ts';
import { listenerAt, loadBalancerAt } from './find.ts';
import { invalid } from './invalid.ts';
import { checkCertificate } from './listener-certificates.ts';
import { dropListener } from './listener-removal.ts';
import { checkMutual } from './mutual-authentication.ts';
import { page } from './page.ts';
import { createDefaultRule } from './rules.ts';
import { checkSslPolicy, DEFAULT_SSL_POLICY } from './ssl-policies.ts';
import { areTagsAsWanted, newTags } from './tags.ts';

export const listenerOperations = (elb: Elb): Operations<typeof Sdk> => ({
  CreateListener: {
    schema: CreateListener$,
    handle: (input) => ({ Listeners: [describe(create(elb, input))] }),
  },
  ModifyListener: {
    schema: ModifyListener$,
    handle: (input) => ({ Listeners: [describe(modify(elb, input))] }),
  },
  DescribeListeners: { schema: DescribeListeners$, handle: (input) => describeAll(elb, input) },
  DeleteListener: {
    schema: DeleteListener$,
    handle: ({ ListenerArn }) => {
      const listener = listenerAt(elb, ListenerArn);
      refuseWhileListened(elb.account, listener);
      dropListener(elb, listener);
      return {};
    },
  },
  DescribeListenerAttributes: {
    schema: DescribeListenerAttributes$,
    handle: ({ ListenerArn }) => ({ Attributes: attributeList(listenerAt(elb, ListenerArn).attributes) }),
  },
  ModifyListenerAttributes: {
    schema: ModifyListenerAttributes$,
    handle: ({ ListenerArn, Attributes }) => {
      const listener = listenerAt(elb, ListenerArn);
      listener.attributes = withAttributes(
        'Listener',
        listenerAttributes(listener.Protocol),
        listener.attributes,
        Attributes,
      );
      return { Attributes: attributeList(listener.attributes) };
    },
  },
});

type TlsInput = {
  readonly Certificates?: readonly Certificate[] | undefined;
  readonly SslPolicy?: string | undefined;
  readonly AlpnPolicy?: readonly string[] | undefined;
  readonly MutualAuthentication?: MutualAuthenticationAttributes | undefined;
};

type Secured = Pick<Listener, 'Certificates' | 'SslPolicy' | 'MutualAuthentication' | 'AlpnPolicy'>;

type ListenerProtocol = 'HTTP' | 'HTTPS' | 'TCP' | 'TLS';

const checkProtocol = (balancer: StoredLoadBalancer, protocol: string | undefined): ListenerProtocol => {
  if (protocol === undefined) throw invalid('A listener protocol must be specified');
  const known = PROTOCOLS[balancerKind(balancer.Type)];
  if (balancer.Type === 'network') refuseOtherProtocols('listeners', protocol);
  if (known.includes(protocol)) return protocol as ListenerProtocol;
  throw invalid(`Listener protocol '${protocol}' must be one of '${known.join(', ')}'`);
};

const isSecure = (protocol: ListenerProtocol): boolean => protocol === 'HTTPS' || protocol === 'TLS';

/** What TLS adds to a listener; nothing on listeners without TLS, which may not have any of it. */
const tls = (elb: Elb, protocol: ListenerProtocol, input: TlsInput, present?: StoredListener): Secured => {
  const alpn = input.AlpnPolicy ?? present?.AlpnPolicy ?? [];
  if (alpn.length > 0 && protocol !== 'TLS')
    throw refuse(
      InvalidConfigurationRequestException$,
      'ALPN policies are for TLS listeners of network load balancers',
    );
  if (protocol !== 'HTTPS' && input.MutualAuthentication !== undefined)
    throw invalid(`Mutual authentication cannot be specified for ${protocol} listeners`);
  if (!isSecure(protocol)) {
    if ((input.Certificates ?? []).length > 0)
      throw invalid(`A certificate cannot be specified for ${protocol} listeners`);
    if (input.SslPolicy !== undefined)
      throw invalid(`An SSL policy cannot be specified for ${protocol} listeners`);
    return {};
  }
  const given = input.Certificates ?? present?.Certificates ?? [];
  const [certificate, ...more] = given;
  if (certificate === undefined) throw invalid(`A certificate must be specified for ${protocol} listeners`);
  if (more.length > 0)
    throw refuse(
      TooManyCertificatesException$,
      'Only one certificate can be specified; add others with AddListenerCertificates',
    );
  return {
    Certificates: [{ CertificateArn: checkCertificate(elb, certificate) }],
    SslPolicy: checkSslPolicy(input.SslPolicy ?? present?.SslPolicy ?? DEFAULT_SSL_POLICY),
    ...(protocol === 'HTTPS'
      ? {
          MutualAuthentication: checkMutual(elb, input.MutualAuthentication ?? present?.MutualAuthentication),
        }
      : { AlpnPolicy: checkAlpn(alpn) }),
  };
};

const ALPN_POLICIES = ['HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred', 'None'];

const checkAlpn = (given: readonly string[]): string[] => {
  const unknown = given.find((policy) => !ALPN_POLICIES.includes(policy));
  if (unknown !== undefined)
    throw refuse(ALPNPolicyNotSupportedException$, `ALPN policy '${unknown}' is not supported`);
  if (given.length > 1) throw invalid('Only one ALPN policy can be specified');
  return [...given];
};

const checkPort = (elb: Elb, balancer: string, port: number, self?: StoredListener): void => {
  const taken = elb.links.listenersOf(balancer).some((other) => other !== self && other.Port === port);
  if (taken) {
    throw refuse(
      DuplicateListenerException$,
      `A listener already exists on this port for this load balancer '${balancer}': ${port}`,
    );
  }
};

const create = (elb: Elb, input: InputOf<typeof Sdk, 'CreateListener'>): StoredListener => {
  const { account, links } = elb;
  const balancer = loadBalancerAt(elb, input.LoadBalancerArn);
  const protocol = checkProtocol(balancer, input.Protocol);
  if (input.Port === undefined) throw invalid('A listener port must be specified');
  const secure = tls(elb, protocol, input);
  const actions = checkActions(elb, input.DefaultActions, { balancer, protocol, replaces: [] });
  const tags = newTags(account, input.Tags);
  const present = links.listenersOf(input.LoadBalancerArn).find(({ Port }) => Port === input.Port);
  const wanted = { Protocol: protocol, ...secure, DefaultActions: actions };
  if (
    present !== undefined &&
    sameSettings(present, wanted) &&
    areTagsAsWanted(account, present.ListenerArn, tags)
  )
    return present;
  checkPort(elb, input.LoadBalancerArn, input.Port);
  const most = account.facts.listenersPerLoadBalancer;
  if (links.listenersOf(input.LoadBalancerArn).length >= most) {
    throw refuse(
      TooManyListenersException$,
      `The maximum number of listeners per load balancer, '${most}', is reached`,
    );
  }
  const id = nextId(account, `${input.LoadBalancerArn}/listener/${input.Port}`, 16);
  const listener: StoredListener = {
    ListenerArn: `${input.LoadBalancerArn.replace(':loadbalancer/', ':listener/')}/${id}`,
    LoadBalancerArn: input.LoadBalancerArn,
    Port: input.Port,
    Protocol: protocol,
    ...secure,
    DefaultActions: actions,
    attributes: initialAttributes(listenerAttributes(protocol)),
    extraCertificates: [],
  };
  account.serving.listeners.set(listener.ListenerArn, listener);
  account.elbTags.set(listener.ListenerArn, tags);
  links.addListener(listener);
  createDefaultRule(elb, listener);
  return listener;
};

/** Making a listener again with the same settings succeeds and changes nothing (API reference). */
const sameSettings = (present: StoredListener, wanted: Listener): boolean => {
  const settings = ({
    Protocol,
    SslPolicy,
    Certificates,
    MutualAuthentication,
    AlpnPolicy,
    DefaultActions,
  }: Listener) =>
    JSON.stringify([Protocol, SslPolicy, Certificates, MutualAuthentication, AlpnPolicy, DefaultActions]);
  return settings(present) === settings(wanted);
};

const modify = (elb: Elb, input: InputOf<typeof Sdk, 'ModifyListener'>): StoredListener => {
  const listener = listenerAt(elb, input.ListenerArn);
  const balancer = loadBalancerAt(elb, listener.LoadBalancerArn);
  const protocol = checkProtocol(balancer, input.Protocol ?? listener.Protocol);
  const port = input.Port ?? listener.Port ?? 0;
  const secure = tls(elb, protocol, input, listener);
  checkPort(elb, listener.LoadBalancerArn, port, listener);
  if (port !== listener.Port) refuseWhileListened(elb.account, listener);
  const given = input.DefaultActions ?? listener.DefaultActions ?? [];
  const actions = checkActions(elb, given, { balancer, protocol, replaces: listener.DefaultActions ?? [] });
  if (protocol !== listener.Protocol) {
    for (const rule of elb.links.rulesOf(listener.ListenerArn).filter(({ IsDefault }) => !IsDefault))
      checkActions(elb, rule.Actions ?? [], { balancer, protocol, replaces: rule.Actions ?? [] });
    listener.attributes = initialAttributes(listenerAttributes(protocol));
  }
  listener.Port = port;
  listener.Protocol = protocol;
  listener.DefaultActions = actions;
  if (!isSecure(protocol)) listener.extraCertificates = [];
  for (const member of ['Certificates', 'SslPolicy', 'MutualAuthentication', 'AlpnPolicy'] as const)
    delete listener[member];
  Object.assign(listener, secure);
  const defaultRule = elb.links.rulesOf(listener.ListenerArn).find(({ IsDefault }) => IsDefault);
  if (defaultRule !== undefined) elb.links.replaceActions(defaultRule, actions, listener.LoadBalancerArn);
  return listener;
};

const describe = ({ attributes: _, extraCertificates: __, ...listener }: StoredListener): Listener => ({
  ...listener,
  DefaultActions: describeActions(listener.DefaultActions),
});

const describeAll = (elb: Elb, input: InputOf<typeof Sdk, 'DescribeListeners'>) => {
  const { LoadBalancerArn: balancer, ListenerArns: arns } = input;
  if ((balancer === undefined) === (arns === undefined)) {
    throw invalid('You must specify either listener ARNs or a load balancer ARN');
  }
  const listeners =
    balancer === undefined
      ? (arns ?? []).map((arn) => elb.account.serving.listeners.get(arn))
      : elb.links.listenersOf(loadBalancerAt(elb, balancer).LoadBalancerArn);
  const found = listeners.filter((listener) => listener !== undefined);
  if (found.length < listeners.length)
    throw refuse(ListenerNotFoundException$, 'One or more listeners not found');
  const { items, ...next } = page(found, ({ ListenerArn }) => ListenerArn, input);
  return { Listeners: items.map(describe), ...next };
};
