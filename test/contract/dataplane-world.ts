/** A hand-made account for the data plane's tests: state, clock, backends and clients, all on loopback. */
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import type { Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Action, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import type {
  EmulatorClock,
  OnChange,
  ServingState,
  StoredListener,
  StoredLoadBalancer,
  StoredRule,
  StoredTargetGroup,
} from '../../src/sandbox/aws/state.ts';
import { type DataPlane, startDataPlane } from '../../src/sandbox/dataplane/data-plane.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type World = {
  readonly state: ServingState;
  readonly clock: EmulatorClock;
  readonly plane: DataPlane;
  readonly log: string[];
  /** Tells the data plane of a change and waits until it is in force. */
  changed(): Promise<void>;
  loadBalancer(name?: string, attributes?: Record<string, string>): StoredLoadBalancer;
  listener(
    loadBalancer: StoredLoadBalancer,
    actions: Action[],
    more?: Partial<Mutable<StoredListener>>,
  ): StoredListener;
  rule(
    listener: StoredListener,
    priority: number,
    conditions: RuleCondition[],
    action: Action,
    transforms?: RuleTransform[],
  ): StoredRule;
  group(targets: readonly number[], more?: Partial<Mutable<StoredTargetGroup>>): StoredTargetGroup;
  target(group: StoredTargetGroup, port: number, address?: string): void;
  backend(listener: RequestListener): Promise<number>;
  /** Stops everything the world started. */
  stop(): Promise<void>;
  onStop(close: () => unknown): void;
};

/** `speed` is how much faster than real time the emulator's clock runs. */
export const newWorld = (speed = 50): World => {
  const state: ServingState = {
    region: 'eu-central-1',
    loadBalancers: new Map(),
    listeners: new Map(),
    rules: new Map(),
    targetGroups: new Map(),
    zones: new Map(),
    instances: new Map(),
    certificates: new Map(),
    trustStores: new Map(),
    webAcls: new Map(),
    ipSets: new Map(),
    webAclOf: new Map(),
    userPools: new Map(),
  };
  const listeners: (() => void)[] = [];
  const onChange: OnChange = (listener) => listeners.push(listener);
  const clock = fastClock(speed);
  const log: string[] = [];
  const closers: (() => unknown)[] = [];
  const plane = startDataPlane({ state, onChange, clock, log: (line) => log.push(line) });
  let serial = 0;
  const world: World = {
    state,
    clock,
    plane,
    log,
    changed: async () => {
      for (const listener of listeners) listener();
      await plane.settled();
    },
    loadBalancer: (name = `lb-${++serial}`, attributes = {}) => {
      const loadBalancer: StoredLoadBalancer = {
        LoadBalancerArn: `arn:aws:elasticloadbalancing:eu-central-1:000000000000:loadbalancer/app/${name}/${hex(++serial)}`,
        LoadBalancerName: name,
        DNSName: `${name}-123456.eu-central-1.elb.amazonaws.com`,
        State: { Code: 'active' },
        IpAddressType: 'ipv4',
        attributes,
      };
      state.loadBalancers.set(loadBalancer.LoadBalancerArn, loadBalancer);
      return loadBalancer;
    },
    listener: (loadBalancer, actions, more = {}) => {
      const arn = `${loadBalancer.LoadBalancerArn.replace('loadbalancer', 'listener')}/${hex(++serial)}`;
      const listener: StoredListener = {
        ListenerArn: arn,
        LoadBalancerArn: loadBalancer.LoadBalancerArn,
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: actions,
        attributes: {},
        extraCertificates: [],
        ...more,
      };
      state.listeners.set(arn, listener);
      return listener;
    },
    rule: (listener, priority, conditions, action, transforms = []) => {
      const rule: StoredRule = {
        RuleArn: `${listener.ListenerArn.replace(':listener/', ':listener-rule/')}/${hex(++serial)}`,
        listenerArn: listener.ListenerArn,
        Priority: String(priority),
        Conditions: conditions,
        Actions: [action],
        Transforms: transforms,
        IsDefault: false,
      };
      state.rules.set(rule.RuleArn, rule);
      return rule;
    },
    group: (targets, more = {}) => {
      const name = `tg-${++serial}`;
      const group: StoredTargetGroup = {
        TargetGroupArn: `arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/${name}/${hex(serial)}`,
        TargetGroupName: name,
        Protocol: 'HTTP',
        ProtocolVersion: 'HTTP1',
        Port: 80,
        TargetType: 'ip',
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 2,
        HealthCheckPath: '/',
        HealthCheckPort: 'traffic-port',
        Matcher: { HttpCode: '200-499' },
        attributes: {},
        targets: new Map(),
        ...more,
      };
      state.targetGroups.set(group.TargetGroupArn, group);
      for (const port of targets) world.target(group, port);
      return group;
    },
    target: (group, port, address = '127.0.0.1') => {
      group.targets.set(`${address}:${port}`, {
        id: address,
        port,
        zone: undefined,
        health: { State: 'initial', Reason: 'Elb.RegistrationInProgress' },
        drainedAt: undefined,
      });
    },
    backend: async (listener) => {
      const server = createServer(listener);
      closers.push(() => closeServer(server));
      return listening(server);
    },
    onStop: (close) => closers.push(close),
    stop: async () => {
      await plane.stop();
      for (const close of closers) await close();
    },
  };
  return world;
};

export const listening = (server: NetServer): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

const closeServer = (server: Server): void => {
  server.close();
  server.closeAllConnections();
};

const hex = (serial: number): string => serial.toString(16).padStart(16, '0');

const fastClock = (speed: number): EmulatorClock => {
  const start = Date.now();
  return {
    speed,
    now: () => start + (Date.now() - start) * speed,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms / speed);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
};

export const forwardTo = (...groups: readonly StoredTargetGroup[]): Action => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: groups.map((group) => ({ TargetGroupArn: group.TargetGroupArn, Weight: 1 })),
  },
});

export const fixed = (MessageBody: string, StatusCode = '200'): Action => ({
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode, ContentType: 'text/plain', MessageBody },
});

/** What a client got. */
export type Answer = {
  readonly status: number;
  readonly message: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
};

export type Ask = {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string | string[]> | string[];
  readonly body?: string;
  readonly localAddress?: string;
  readonly port?: number;
};

/** Asks a load balancer by node:http, over a connection of its own. */
export const ask = (world: World, loadBalancer: StoredLoadBalancer, options: Ask = {}): Promise<Answer> => {
  const where = whereIs(world, loadBalancer, options.port);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: where.host,
        port: where.port,
        path: options.path ?? '/',
        method: options.method ?? 'GET',
        headers: options.headers ?? {},
        agent: false,
        ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      },
      (response) => collect(response).then(resolve, reject),
    );
    sent.on('error', reject);
    sent.end(options.body);
  });
};

/** Where a listener of the load balancer is reached. */
export const whereIs = (
  world: World,
  loadBalancer: StoredLoadBalancer,
  port?: number,
): { host: string; port: number } => {
  const listeners = world.plane.addresses().get(loadBalancer.DNSName)?.listeners ?? [];
  const found = port === undefined ? listeners[0] : listeners.find((listener) => listener.port === port);
  if (found === undefined) throw new Error(`${loadBalancer.LoadBalancerName} does not serve`);
  return { host: found.host, port: found.localPort };
};

export const collect = async (response: IncomingMessage): Promise<Answer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    message: response.statusMessage ?? '',
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body: Buffer.concat(chunks).toString(),
  };
};

/** Waits until something is the case; fails with its name after ten seconds. */
export const eventually = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await delay(10);
  }
};

/** Waits until every target of a group has the state. */
export const untilHealth = (group: StoredTargetGroup, state: string): Promise<void> =>
  eventually(`every target of ${group.TargetGroupName} ${state}`, () =>
    [...group.targets.values()].every((target) => target.health.State === state),
  );
