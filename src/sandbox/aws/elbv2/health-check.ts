/** Health-check settings of target groups: defaults, and what AWS refuses. */
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Facts } from '../facts.ts';
import { notServed } from '../wire/refusal.ts';
import { isHttp, refuseOtherProtocols } from './balancer-kind.ts';
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

/** What a health check depends on; a version only where requests are HTTP. */
export type Checked = {
  readonly protocol: string | undefined;
  readonly version: string | undefined;
  readonly targetType: string | undefined;
};

/** What a new group has. */
export const initialHealthCheck = (facts: Facts, of: Checked): HealthCheck =>
  isHttp(of.protocol)
    ? {
        ...COMMON,
        HealthCheckProtocol: 'HTTP',
        HealthCheckTimeoutSeconds: facts.httpHealthCheckTimeoutSeconds,
        HealthCheckPath: of.version === 'GRPC' ? '/AWS.ALB/healthcheck' : '/',
        Matcher: of.version === 'GRPC' ? { GrpcCode: '12' } : { HttpCode: '200' },
      }
    : {
        ...COMMON,
        HealthCheckProtocol: of.targetType === 'alb' ? 'HTTP' : 'TCP',
        HealthCheckTimeoutSeconds: of.targetType === 'alb' ? 6 : 10,
      };

const COMMON: HealthCheck = {
  HealthCheckPort: 'traffic-port',
  HealthCheckEnabled: true,
  HealthCheckIntervalSeconds: 30,
  HealthyThresholdCount: 5,
  UnhealthyThresholdCount: 2,
};

/** The present settings with the given ones set, checked as a whole. */
export const withHealthCheck = (present: HealthCheck, given: HealthCheck, of: Checked): HealthCheck => {
  const next: HealthCheck = {
    HealthCheckProtocol: given.HealthCheckProtocol ?? present.HealthCheckProtocol,
    HealthCheckPort: given.HealthCheckPort ?? present.HealthCheckPort,
    HealthCheckEnabled: given.HealthCheckEnabled ?? present.HealthCheckEnabled,
    HealthCheckIntervalSeconds: given.HealthCheckIntervalSeconds ?? present.HealthCheckIntervalSeconds,
    HealthCheckTimeoutSeconds: given.HealthCheckTimeoutSeconds ?? present.HealthCheckTimeoutSeconds,
    HealthyThresholdCount: given.HealthyThresholdCount ?? present.HealthyThresholdCount,
    UnhealthyThresholdCount: given.UnhealthyThresholdCount ?? present.UnhealthyThresholdCount,
    ...asked(present, given, of),
  };
  check(next, of);
  if (next.HealthCheckProtocol !== 'TCP') checkMatcher(next, of);
  return next;
};

/** A check that only connects asks for nothing and compares nothing. */
const asked = (
  present: HealthCheck,
  given: HealthCheck,
  of: Checked,
): Pick<HealthCheck, 'HealthCheckPath' | 'Matcher'> => {
  if ((given.HealthCheckProtocol ?? present.HealthCheckProtocol) !== 'TCP')
    return {
      HealthCheckPath: given.HealthCheckPath ?? present.HealthCheckPath ?? '/',
      Matcher: given.Matcher ?? present.Matcher ?? { HttpCode: isHttp(of.protocol) ? '200' : '200-399' },
    };
  if (given.HealthCheckPath !== undefined || given.Matcher !== undefined)
    throw invalid('A health check path and a matcher are for HTTP and HTTPS health checks only');
  return {};
};

/** Protocols of health checks by what the group forwards. */
const checksOf = ({ protocol, targetType }: Checked): readonly string[] =>
  isHttp(protocol) || targetType === 'alb' ? ['HTTP', 'HTTPS'] : ['HTTP', 'HTTPS', 'TCP'];

const check = (next: HealthCheck, of: Checked): void => {
  const { HealthCheckTimeoutSeconds: timeout = 0, HealthCheckIntervalSeconds: interval = 0 } = next;
  if (next.HealthCheckEnabled === false)
    throw invalid('Health checks cannot be disabled for target type ip, instance or alb');
  if (timeout >= interval)
    throw invalid(`Health check timeout '${timeout}' must be smaller than the interval '${interval}'`);
  const { HealthCheckProtocol: protocol, HealthCheckPort: port = '', HealthCheckPath: path } = next;
  const known = checksOf(of);
  if (!known.includes(protocol ?? '')) {
    throw invalid(
      `Health check protocol '${protocol}' must be one of '${known.join(', ')}' for a target group of protocol ${of.protocol} and target type ${of.targetType}`,
    );
  }
  if (port !== 'traffic-port' && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) {
    throw invalid(`Health check port '${port}' must be 'traffic-port' or between 1 and 65535`);
  }
  if (path !== undefined && !path.startsWith('/'))
    throw invalid(`Health check path '${path}' must begin with a '/'`);
};

const checkMatcher = ({ Matcher: matcher }: HealthCheck, { protocol, version }: Checked): void => {
  const grpc = version === 'GRPC';
  const codes = grpc ? matcher?.GrpcCode : matcher?.HttpCode;
  if (codes === undefined || (matcher?.GrpcCode !== undefined && matcher.HttpCode !== undefined)) {
    throw invalid(
      `Health check matcher must have only ${grpc ? 'a GrpcCode' : 'an HttpCode'} for protocol version ${version ?? 'HTTP1'}`,
    );
  }
  const [min, max] = grpc ? [0, 99] : [200, isHttp(protocol) ? 499 : 599];
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

/** Throws for kinds of target groups that are not served, and for those AWS does not have. */
export const refuseOtherGroups = (type: string, protocol: string | undefined): void => {
  if (type !== 'instance' && type !== 'ip' && type !== 'alb')
    throw notServed(`target groups of type ${type}`);
  refuseOtherProtocols('target groups', protocol);
  if (type === 'alb' && protocol !== undefined && protocol !== 'TCP')
    throw invalid(`Protocol '${protocol}' must be 'TCP' for a target group of target type alb`);
};
