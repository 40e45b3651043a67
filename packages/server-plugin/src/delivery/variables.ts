import type { OperationDefinitionNode } from 'graphql';

/** The values of variables by their names, as a client sent them. */
export type Variables = { readonly [name: string]: unknown };

/** The values of the variables that an operation declares; a client may send more. */
export function declaredVariables(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables = {},
): Variables {
  const declared: Record<string, unknown> = {};
  for (const { variable } of variableDefinitions) {
    const name = variable.name.value;
    // Not `in`: a variable may be called `constructor`.
    if (Object.hasOwn(variables, name)) define(declared, name, variables[name]);
  }
  return declared;
}

/** Not an assignment: a variable may be called `__proto__`. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/**
 * The variables of one run.
 *
 * Scalars may hand on values as they are: what a function does to one must not be there in the next run.
 */
export function variablesOfRun(variables: Variables): Variables {
  return isFlat(variables) ? variables : structuredClone(variables);
}

/** Whether no value can be changed by who has it. */
export function isFlat(values: Variables): boolean {
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (typeof value === 'function' || (typeof value === 'object' && value !== null)) return false;
  }
  return true;
}
