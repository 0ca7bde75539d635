/** The custom resource that shows how load balancers stand, from the table of conditions. */
import { stringify } from 'yaml';
import { CONDITIONS } from '../core/status/stack-status.ts';
import { STATUS_API, STATUS_KIND, STATUS_PLURAL } from '../core/status/status-object.ts';

const [GROUP = '', VERSION = ''] = STATUS_API.split('/');

/** As the chart and the plain manifests install it. */
export const statusCrdYaml = (): string =>
  `# Made from src/core/status by \`npm run gen\`. Do not edit.\n${stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false })}`;

const text = (description?: string) => ({ type: 'string', ...(description && { description }) });

const column = (name: string, jsonPath: string, type = 'string', priority = 0) => ({
  ...{ name, type, jsonPath },
  ...(priority > 0 && { priority }),
});

const conditionColumn = (name: string, type: keyof typeof CONDITIONS) =>
  column(name, `.status.conditions[?(@.type=="${type}")].status`);

const condition = {
  type: 'object',
  required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
  properties: {
    type: text(
      Object.entries(CONDITIONS)
        .map(([type, meaning]) => `${type}: ${meaning}.`)
        .join(' '),
    ),
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    lastTransitionTime: { type: 'string', format: 'date-time' },
    reason: text('The code of an event where there is one.'),
    message: text(),
    observedGeneration: { type: 'integer', format: 'int64' },
  },
};

const member = {
  type: 'object',
  required: ['ingress', 'accepted'],
  properties: {
    ingress: text('Namespace and name of the Ingress.'),
    observedGeneration: {
      ...{ type: 'integer', format: 'int64' },
      description: 'Generation of the Ingress that this speaks of.',
    },
    accepted: { type: 'boolean', description: 'Whether what it says is used, all of it.' },
    message: text('What is wrong with it.'),
  },
};

const status = {
  type: 'object',
  properties: {
    observedGeneration: { type: 'integer', format: 'int64' },
    hostname: text('DNS name of the load balancer that serves.'),
    arn: text(),
    members: { type: 'array', items: member },
    conditions: {
      ...{ type: 'array', items: condition },
      ...{ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
    },
  },
};

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${STATUS_PLURAL}.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Cluster',
    names: {
      kind: STATUS_KIND,
      listKind: `${STATUS_KIND}List`,
      plural: STATUS_PLURAL,
      singular: STATUS_KIND.toLowerCase(),
      shortNames: ['albs'],
    },
    versions: [
      {
        name: VERSION,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          conditionColumn('READY', 'Ready'),
          conditionColumn('ACCEPTED', 'Accepted'),
          conditionColumn('PROGRAMMED', 'Programmed'),
          conditionColumn('DNS', 'DNSReady'),
          conditionColumn('CERT', 'CertReady'),
          conditionColumn('DEGRADED', 'Degraded'),
          conditionColumn('DRIFTED', 'Drifted'),
          column('HOSTNAME', '.status.hostname', 'string', 1),
          column('AGE', '.metadata.creationTimestamp', 'date'),
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description:
              'How a load balancer stands: one object for each Ingress of its own or IngressGroup, written by the controller.',
            properties: {
              apiVersion: text(),
              kind: text(),
              metadata: { type: 'object' },
              spec: {
                type: 'object',
                properties: {
                  stack: text('Namespace and name of the Ingress, or the name of the IngressGroup.'),
                  owner: text('The controller that writes it: its cluster name and its class.'),
                },
              },
              status,
            },
          },
        },
      },
    ],
  },
};
