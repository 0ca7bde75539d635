import { textOf } from '../../text-of.ts';
import { ApiError } from '../api/errors.ts';
import { isJsonObject } from '../object.ts';

/** The refusal a client is told when a webhook says no, with what the webhook gave as reason. */
export const denial = (name: string, status: unknown): ApiError => {
  const said = isJsonObject(status) ? status : {};
  const code = typeof said.code === 'number' && said.code >= 400 ? said.code : 400;
  const denied = `admission webhook "${name}" denied the request`;
  const reason = typeof said.reason === 'string' && said.reason !== '' ? said.reason : undefined;
  const why = typeof said.message === 'string' && said.message !== '' ? said.message : reason;
  return new ApiError(
    code,
    reason,
    why === undefined ? `${denied} without explanation` : `${denied}: ${why}`,
  );
};

/** A webhook that must be asked and could not be. */
export const uncallable = (name: string, error: unknown): ApiError => {
  const why = textOf(error);
  return internal(`failed calling webhook "${name}": failed to call webhook: ${why}`);
};

/** A webhook whose patch does not fit the object. */
export const badAnswer = (name: string, why: string): ApiError =>
  internal(`admission webhook "${name}" answered with a patch that cannot be applied: ${why}`);

const internal = (message: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ reason: 'InternalError', message, field: '' }],
  });
