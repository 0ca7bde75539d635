import { groupKindOf, type Kind, resourceOf } from '../kinds.ts';

/** The Status object every Kubernetes error is answered with. */
export type Status = {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Record<string, never>;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  /** HTTP status. */
  readonly code: number;
};

export type StatusDetails = {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
};

/** One thing wrong with one field. `reason` is Kubernetes' FieldValueRequired, FieldValueInvalid and so on. */
export type Cause = { readonly reason: string; readonly message: string; readonly field?: string };

/** A refusal that a client is told as a Status. */
export class ApiError extends Error {
  readonly status: Status;
  constructor(code: number, reason: string | undefined, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiError';
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

type Named = { readonly group: string; readonly plural: string };

const detailsOf = (kind: Named, name: string): StatusDetails => ({
  name,
  ...(kind.group === '' ? {} : { group: kind.group }),
  kind: kind.plural,
});

export const notFound = (kind: Named, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${resourceOf(kind)} "${name}" not found`, detailsOf(kind, name));

export const alreadyExists = (kind: Named, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${resourceOf(kind)} "${name}" already exists`, detailsOf(kind, name));

export const conflict = (kind: Named, name: string, why = MODIFIED): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resourceOf(kind)} "${name}": ${why}`,
    detailsOf(kind, name),
  );

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

export const forbidden = (kind: Named, name: string, why: string): ApiError =>
  new ApiError(403, 'Forbidden', `${resourceOf(kind)} "${name}" is forbidden: ${why}`, detailsOf(kind, name));

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

/** A body that is not an object of the kind: wrong types, unknown fields in strict mode. */
export const cannotBeHandled = (kind: Kind, why: string): ApiError =>
  badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`);

/** 422 with one cause a field; the message joins them as kube-apiserver does. */
export const invalid = (kind: Kind, name: string, causes: readonly Cause[]): ApiError => {
  const each = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const text = each.length === 1 ? each[0] : `[${each.join(', ')}]`;
  const group = kind.group === '' ? {} : { group: kind.group };
  return new ApiError(422, 'Invalid', `${groupKindOf(kind)} "${name}" is invalid: ${text}`, {
    name,
    ...group,
    kind: kind.kind,
    causes,
  });
};

export const expired = (message: string): ApiError => new ApiError(410, 'Expired', message);

/** `retry`: seconds until the client may ask again; 0 for at once. */
export const tooLargeVersion = (asked: number, current: number, retry: number): ApiError =>
  new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    ...(retry > 0 ? { retryAfterSeconds: retry } : {}),
  });

export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');

export const unsupportedMediaType = (supported: string): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${supported}`,
  );

export const notAcceptable = (accepted: readonly string[]): ApiError =>
  new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);

export const noSuchResource = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource');

export const required = (field: string, why = ''): Cause => ({
  reason: 'FieldValueRequired',
  message: why === '' ? 'Required value' : `Required value: ${why}`,
  field,
});

export const invalidValue = (field: string, value: unknown, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${show(value)}: ${why}`,
  field,
});

export const notSupported = (field: string, value: unknown, allowed: readonly string[]): Cause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${show(value)}: supported values: ${allowed.map((one) => `"${one}"`).join(', ')}`,
  field,
});

export const duplicate = (field: string, value: unknown): Cause => ({
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${show(value)}`,
  field,
});

export const forbiddenField = (field: string, why: string): Cause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
  field,
});

const show = (value: unknown): string => (value === undefined ? 'null' : JSON.stringify(value));
