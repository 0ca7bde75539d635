/** Health-check settings of target groups: defaults, and what AWS refuses. */
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Facts } from '../facts.ts';
import { notServed } from '../wire/refusal.ts';
import { invalid } from './invalid.ts';

export type HealthCheck = Pick<
  TargetGroup,
  | 'HealthCheckProtocol'
  | 'HealthCheckPort'
  | 'HealthCheckEnabled'
  | 'HealthCheckIntervalSeconds'
  | 'HealthCheckTimeoutSeconds'
  | 'HealthyThresholdCount'
  | 'UnhealthyThresholdCount'
  | 'HealthCheckPath'
  | 'Matcher'
>;

/** What a new group of the protocol version has. */
export const initialHealthCheck = (facts: Facts, version: string): HealthCheck => ({
  HealthCheckProtocol: 'HTTP',
  HealthCheckPort: 'traffic-port',
  HealthCheckEnabled: true,
  HealthCheckIntervalSeconds: 30,
  HealthCheckTimeoutSeconds: facts.httpHealthCheckTimeoutSeconds,
  HealthyThresholdCount: 5,
  UnhealthyThresholdCount: 2,
  HealthCheckPath: version === 'GRPC' ? '/AWS.ALB/healthcheck' : '/',
  Matcher: version === 'GRPC' ? { GrpcCode: '12' } : { HttpCode: '200' },
});

/** The present settings with the given ones set, checked as a whole. */
export const withHealthCheck = (present: HealthCheck, given: HealthCheck, version: string): HealthCheck => {
  const next: HealthCheck = {
    HealthCheckProtocol: given.HealthCheckProtocol ?? present.HealthCheckProtocol,
    HealthCheckPort: given.HealthCheckPort ?? present.HealthCheckPort,
    HealthCheckEnabled: given.HealthCheckEnabled ?? present.HealthCheckEnabled,
    HealthCheckIntervalSeconds: given.HealthCheckIntervalSeconds ?? present.HealthCheckIntervalSeconds,
    HealthCheckTimeoutSeconds: given.HealthCheckTimeoutSeconds ?? present.HealthCheckTimeoutSeconds,
    HealthyThresholdCount: given.HealthyThresholdCount ?? present.HealthyThresholdCount,
    UnhealthyThresholdCount: given.UnhealthyThresholdCount ?? present.UnhealthyThresholdCount,
    HealthCheckPath: given.HealthCheckPath ?? present.HealthCheckPath,
    Matcher: given.Matcher ?? present.Matcher,
  };
  check(next);
  checkMatcher(next, version);
  return next;
};

const check = (next: HealthCheck): void => {
  const { HealthCheckTimeoutSeconds: timeout = 0, HealthCheckIntervalSeconds: interval = 0 } = next;
  if (next.HealthCheckEnabled === false)
    throw invalid('Health checks cannot be disabled for target type ip or instance');
  if (timeout >= interval)
    throw invalid(`Health check timeout '${timeout}' must be smaller than the interval '${interval}'`);
  const { HealthCheckProtocol: protocol, HealthCheckPort: port = '', HealthCheckPath: path = '' } = next;
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    throw invalid(
      `Health check protocol '${protocol}' must be one of 'HTTP, HTTPS' for a target group of protocol HTTP or HTTPS`,
    );
  }
  if (port !== 'traffic-port' && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) {
    throw invalid(`Health check port '${port}' must be 'traffic-port' or between 1 and 65535`);
  }
  if (!path.startsWith('/')) throw invalid(`Health check path '${path}' must begin with a '/'`);
};

const checkMatcher = ({ Matcher: matcher }: HealthCheck, version: string): void => {
  const grpc = version === 'GRPC';
  const codes = grpc ? matcher?.GrpcCode : matcher?.HttpCode;
  if (codes === undefined || (matcher?.GrpcCode !== undefined && matcher.HttpCode !== undefined)) {
    throw invalid(
      `Health check matcher must have only ${grpc ? 'a GrpcCode' : 'an HttpCode'} for protocol version ${version}`,
    );
  }
  const [min, max] = grpc ? [0, 99] : [200, 499];
  const fits = codes.split(',').every((part) => {
    const [, from = '', to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part.trim()) ?? [];
    return from !== '' && Number(from) >= min && Number(from) <= Number(to) && Number(to) <= max;
  });
  if (!fits) {
    throw invalid(
      `Health check matcher '${codes}' must be codes or ranges of codes between '${min}' and '${max}'`,
    );
  }
};

/** Throws for kinds of target groups that application load balancers do not have, or the sandbox does not serve. */
export const refuseOtherGroups = (type: string, protocol: string | undefined): void => {
  if (type !== 'instance' && type !== 'ip') throw notServed(`target groups of type ${type}`);
  if (protocol !== undefined && protocol !== 'HTTP' && protocol !== 'HTTPS') {
    throw notServed(`target groups of protocol ${protocol}`);
  }
};
