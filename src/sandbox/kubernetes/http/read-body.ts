import type { IncomingMessage } from 'node:http';
import { textOf } from '../../text-of.ts';
import type { Cluster } from '../api/cluster.ts';
import { badRequest, unsupportedMediaType } from '../api/errors.ts';
import { builtInType } from '../schema/built-in-types.ts';
import type { StructShape } from '../schema/shape.ts';
import { readBody } from './answer.ts';
import { decodeMessage, openEnvelope } from './protobuf.ts';

const SUPPORTED = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** The media type of a body, without parameters. */
export const mediaType = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';

/** The body as JSON data, whichever way it was encoded; undefined when there is none. */
export const readData = async (request: IncomingMessage, cluster: Cluster): Promise<unknown> => {
  const bytes = await readBody(request);
  if (bytes.length === 0) return undefined;
  const type = mediaType(request);
  if (type === 'application/vnd.kubernetes.protobuf') return fromProtobuf(bytes, cluster);
  if (type === 'application/yaml' || type === 'application/apply-patch+yaml')
    return parseYaml(bytes.toString('utf8'));
  if (type === '' || type === '*/*' || type === 'application/json' || type.endsWith('+json'))
    return parseJson(bytes.toString('utf8'));
  throw unsupportedMediaType(SUPPORTED);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${textOf(error)}`);
  }
};

const parseYaml = async (text: string): Promise<unknown> => {
  if (text.trimStart().startsWith('{')) return parseJson(text);
  const { yamlData } = await import('./yaml-body.ts');
  try {
    return yamlData(text);
  } catch (error) {
    throw badRequest(`error decoding YAML: ${textOf(error)}`);
  }
};

const fromProtobuf = (bytes: Buffer, cluster: Cluster): unknown => {
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  return { apiVersion, kind, ...decodeMessage(raw, typeOf(apiVersion, kind, cluster)) };
};

/** Bodies that are not objects of a served kind. */
const EXTRA: Readonly<Record<string, string>> = {
  DeleteOptions: 'V1DeleteOptions',
  Scale: 'V1Scale',
  Eviction: 'V1Eviction',
  TokenRequest: 'AuthenticationV1TokenRequest',
};

const typeOf = (apiVersion: string, kind: string, cluster: Cluster): StructShape => {
  const model = EXTRA[kind] ?? cluster.kinds.byObject(apiVersion, kind)?.type;
  if (model === undefined)
    throw badRequest(
      `no kind "${kind}" is registered for version "${apiVersion}" in protobuf: send it as JSON`,
    );
  return builtInType(model);
};
