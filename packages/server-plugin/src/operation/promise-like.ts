/** Whether a hook's answer must be waited for. */
export { isPromiseLike } from '../subscription/promise-like.ts';
