/** The CustomResourceDefinition of IngressClassParams, as an object: group, version and names are those of LBC. */
import { paramsRows, type Schema } from './params-rows.ts';

const [GROUP, PLURAL] = ['elbv2.k8s.aws', 'ingressclassparams'];

const column = (name: string, jsonPath: string, type = 'string', priority = 0): Schema => ({
  name,
  type,
  jsonPath,
  ...(priority > 0 && { priority }),
});

/** Made from the table of fields, so that what is read and what may be written are the same. */
export const paramsCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${PLURAL}.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Cluster',
    names: {
      kind: 'IngressClassParams',
      listKind: 'IngressClassParamsList',
      plural: PLURAL,
      singular: PLURAL,
    },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        additionalPrinterColumns: [
          column('GROUP-NAME', '.spec.group.name'),
          column('SCHEME', '.spec.scheme'),
          column('IP-ADDRESS-TYPE', '.spec.ipAddressType'),
          column('LOAD-BALANCER', '.spec.loadBalancerName', 'string', 1),
          column('AGE', '.metadata.creationTimestamp', 'date'),
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'Settings of all Ingresses of an IngressClass. They win over annotations.',
            properties: {
              apiVersion: { type: 'string' },
              kind: { type: 'string' },
              metadata: { type: 'object' },
              spec: {
                type: 'object',
                properties: Object.fromEntries(
                  paramsRows.map(([field, { schema, doc }]) => [field, { description: doc, ...schema }]),
                ),
              },
            },
          },
        },
      },
    ],
  },
} as const;
