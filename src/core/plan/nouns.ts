import { shareOf, WHOLE } from '../model/cutover.ts';
import type { DnsRecordSpec } from '../model/dns-record.ts';
import { identity } from '../model/key.ts';
import type { Resource } from '../model/resource.ts';
import type { Operation } from './plan.ts';
import { showCondition } from './render.ts';

/** What an operation is about, in a few words for people: `listener 80`, `record a.example.com`. */
export const operationNoun = (operation: Operation): string =>
  operation.verb === 'move'
    ? `order of ${operation.moves.length} rules on port ${portOf(operation.key)}`
    : resourceNoun(operation.resource);

/** Who gets what, while the name is shared. */
const shares = (spec: DnsRecordSpec): string =>
  spec.cutover
    ? ` (cut-over: ${shareOf(spec)} % here, ${WHOLE - shareOf(spec)} % to ${spec.cutover.from})`
    : '';

const portOf = (key: string): string => key.slice(key.lastIndexOf(':') + 1);

const resourceNoun = (resource: Resource): string => {
  switch (resource.kind) {
    case 'security-group':
      return `security group ${resource.spec.name}`;
    case 'certificate':
      return `${resource.spec.origin} certificate for ${resource.spec.domains.join(', ')}`;
    case 'load-balancer':
      return `load balancer ${resource.spec.name} (${resource.spec.scheme})`;
    case 'target-group':
      return `target group ${resource.spec.name}`;
    case 'listener':
      return `listener ${resource.spec.protocol} ${resource.spec.port}`;
    case 'rule':
      return `rule for ${resource.spec.conditions.map(showCondition).join(' and ')} on port ${portOf(identity(resource.spec.listener))}`;
    case 'network-load-balancer':
      return `network load balancer ${resource.spec.name} (${resource.spec.scheme})`;
    case 'network-target-group':
      return `target group ${resource.spec.name} of network port ${resource.spec.port}`;
    case 'network-listener':
      return `network listener TCP ${resource.spec.port}`;
    case 'target-access':
      return `permission to reach targets in ${resource.spec.group} on ports ${resource.spec.ports.map(({ from, to }) => `${from}-${to}`).join(', ')}`;
    case 'dns-record':
      return `record ${resource.spec.name} in zone ${resource.spec.zoneChoice ?? resource.spec.zone}${shares(resource.spec)}`;
  }
};
