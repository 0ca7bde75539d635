import { isJsonObject, type KubeObject, valueAt } from '../object.ts';
import { labelText, listAt, numberAt, selectorText, textAt } from './cells.ts';
import { type Column, column, wide } from './table.ts';

const addresses = (object: KubeObject): string =>
  listAt(object, 'status', 'loadBalancer', 'ingress')
    .map((one) => String(one.ip ?? one.hostname ?? ''))
    .filter((one) => one !== '')
    .join(',');

const hosts = (object: KubeObject): string => {
  const all = listAt(object, 'spec', 'rules').map((rule) => (rule.host ? String(rule.host) : '*'));
  if (all.length === 0) return '*';
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
};

const externalIp = (service: KubeObject): string => {
  const type = textAt(service, 'spec', 'type');
  const given = valueAt(service, 'spec', 'externalIPs');
  const ips = Array.isArray(given) ? given.map(String) : [];
  if (type === 'ExternalName') return textAt(service, 'spec', 'externalName');
  if (type === 'LoadBalancer')
    return [addresses(service), ...ips].filter((one) => one !== '').join(',') || '<pending>';
  return ips.join(',') || '<none>';
};

const servicePorts = (service: KubeObject): string =>
  listAt(service, 'spec', 'ports')
    .map(
      (one) => `${String(one.port)}${one.nodePort ? `:${String(one.nodePort)}` : ''}/${String(one.protocol)}`,
    )
    .join(',') || '<none>';

const endpointAddresses = (object: KubeObject): string => {
  const all = listAt(object, 'subsets').flatMap((subset) =>
    listAt(subset, 'addresses').flatMap((address) =>
      listAt(subset, 'ports').map((port) => `${String(address.ip)}:${String(port.port)}`),
    ),
  );
  return shorten(all, 3, '<none>');
};

const shorten = (all: readonly string[], most: number, none: string): string => {
  if (all.length === 0) return none;
  return all.length > most ? `${all.slice(0, most).join(',')} + ${all.length - most} more...` : all.join(',');
};

/** Services, Ingresses and what belongs to them. */
export const NETWORK_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  services: [
    column('Type', (object) => textAt(object, 'spec', 'type')),
    column('Cluster-IP', (object) => textAt(object, 'spec', 'clusterIP') || '<none>'),
    column('External-IP', externalIp),
    column('Port(s)', servicePorts),
    wide('Selector', (object) => labelText(valueAt(object, 'spec', 'selector'))),
  ],
  'ingresses.networking.k8s.io': [
    column(
      'Class',
      (object) =>
        textAt(object, 'spec', 'ingressClassName') ||
        object.metadata.annotations?.['kubernetes.io/ingress.class'] ||
        '<none>',
    ),
    column('Hosts', hosts),
    column('Address', addresses),
    column('Ports', (object) => (listAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
  ],
  'ingressclasses.networking.k8s.io': [
    column('Controller', (object) => textAt(object, 'spec', 'controller')),
    column('Parameters', (object) => {
      const parameters = valueAt(object, 'spec', 'parameters');
      if (!isJsonObject(parameters)) return '<none>';
      return `${textAt(parameters, 'kind')}${parameters.apiGroup ? `.${String(parameters.apiGroup)}` : ''}/${textAt(parameters, 'name')}`;
    }),
  ],
  'endpointslices.discovery.k8s.io': [
    column('AddressType', (object) => textAt(object, 'addressType')),
    column('Ports', (object) =>
      shorten(
        listAt(object, 'ports').map((one) => String(one.port ?? '*')),
        3,
        '<unset>',
      ),
    ),
    column('Endpoints', (object) =>
      shorten(
        listAt(object, 'endpoints').map((one) =>
          Array.isArray(one.addresses) ? one.addresses.join(',') : '',
        ),
        3,
        '<unset>',
      ),
    ),
  ],
  endpoints: [column('Endpoints', endpointAddresses)],
  'networkpolicies.networking.k8s.io': [
    column('Pod-Selector', (object) => selectorText(valueAt(object, 'spec', 'podSelector'))),
  ],
  'leases.coordination.k8s.io': [column('Holder', (object) => textAt(object, 'spec', 'holderIdentity'))],
  'poddisruptionbudgets.policy': [
    column('Min Available', (object) => textAt(object, 'spec', 'minAvailable') || 'N/A'),
    column('Max Unavailable', (object) => textAt(object, 'spec', 'maxUnavailable') || 'N/A'),
    column('Allowed Disruptions', (object) => numberAt(object, 'status', 'disruptionsAllowed'), 'integer'),
  ],
};
