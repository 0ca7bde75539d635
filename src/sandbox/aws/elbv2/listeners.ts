/** Listeners and their attributes. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type {
  Certificate,
  Listener,
  MutualAuthenticationAttributes,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
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
import type { StoredListener } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { checkActions, describeActions } from './actions.ts';
import { attributeList, initialAttributes, listenerAttributes, withAttributes } from './attributes.ts';
import type { Elb } from './find.ts';
import { listenerAt, loadBalancerAt } from './find.ts';
import { invalid } from './invalid.ts';
import { checkCertificate } from './listener-certificates.ts';
import { dropListener } from './listener-removal.ts';
import { checkMutual } from './mutual-authentication.ts';
import { page } from './page.ts';
import { createDefaultRule } from './rules.ts';
import { checkSslPolicy, DEFAULT_SSL_POLICY } from './ssl-policies.ts';
import { newTags } from './tags.ts';

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
      dropListener(elb, listenerAt(elb, ListenerArn));
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

type Secured = Pick<Listener, 'Certificates' | 'SslPolicy' | 'MutualAuthentication'>;

const checkProtocol = (protocol: string | undefined): 'HTTP' | 'HTTPS' => {
  if (protocol === 'HTTP' || protocol === 'HTTPS') return protocol;
  if (protocol === undefined) throw invalid('A listener protocol must be specified');
  throw invalid(`Listener protocol '${protocol}' must be one of 'HTTP, HTTPS'`);
};

/** What TLS adds to a listener; nothing on HTTP listeners, which may not have any of it. */
const tls = (elb: Elb, protocol: 'HTTP' | 'HTTPS', input: TlsInput, present?: StoredListener): Secured => {
  if ((input.AlpnPolicy ?? []).length > 0)
    throw refuse(
      InvalidConfigurationRequestException$,
      'ALPN policies are for TLS listeners of network load balancers',
    );
  if (protocol === 'HTTP') {
    if ((input.Certificates ?? []).length > 0)
      throw invalid('A certificate cannot be specified for HTTP listeners');
    if (input.SslPolicy !== undefined) throw invalid('An SSL policy cannot be specified for HTTP listeners');
    if (input.MutualAuthentication !== undefined)
      throw invalid('Mutual authentication cannot be specified for HTTP listeners');
    return {};
  }
  const given = input.Certificates ?? present?.Certificates ?? [];
  const [certificate, ...more] = given;
  if (certificate === undefined) throw invalid('A certificate must be specified for HTTPS listeners');
  if (more.length > 0)
    throw refuse(
      TooManyCertificatesException$,
      'Only one certificate can be specified; add others with AddListenerCertificates',
    );
  return {
    Certificates: [{ CertificateArn: checkCertificate(elb, certificate) }],
    SslPolicy: checkSslPolicy(input.SslPolicy ?? present?.SslPolicy ?? DEFAULT_SSL_POLICY),
    MutualAuthentication: checkMutual(elb, input.MutualAuthentication ?? present?.MutualAuthentication),
  };
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
  const protocol = checkProtocol(input.Protocol);
  if (input.Port === undefined) throw invalid('A listener port must be specified');
  const secure = tls(elb, protocol, input);
  const actions = checkActions(elb, input.DefaultActions, { balancer, protocol, replaces: [] });
  const tags = newTags(account, input.Tags);
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

const modify = (elb: Elb, input: InputOf<typeof Sdk, 'ModifyListener'>): StoredListener => {
  const listener = listenerAt(elb, input.ListenerArn);
  const balancer = loadBalancerAt(elb, listener.LoadBalancerArn);
  const protocol = checkProtocol(input.Protocol ?? listener.Protocol);
  const port = input.Port ?? listener.Port ?? 0;
  const secure = tls(elb, protocol, input, listener);
  checkPort(elb, listener.LoadBalancerArn, port, listener);
  const given = input.DefaultActions ?? listener.DefaultActions ?? [];
  const actions = checkActions(elb, given, { balancer, protocol, replaces: listener.DefaultActions ?? [] });
  if (protocol !== listener.Protocol) listener.attributes = initialAttributes(listenerAttributes(protocol));
  listener.Port = port;
  listener.Protocol = protocol;
  listener.DefaultActions = actions;
  if (protocol === 'HTTP') {
    listener.extraCertificates = [];
    for (const member of ['Certificates', 'SslPolicy', 'MutualAuthentication'] as const)
      delete listener[member];
  } else Object.assign(listener, secure);
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
