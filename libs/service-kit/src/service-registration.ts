import type { CallContext } from 'nice-grpc-common';
import type { ServiceImplementation } from 'nice-grpc';
import type { AccessRule } from '@chain-processor/auth';
import { MethodNotImplementedError, invariant } from '@chain-processor/errors';
import type { RequestContextExtension } from './request-context.js';
import type { TsProtoServiceDefinition } from './strict-definition.js';

/** The rules of one method. */
export interface MethodPolicy {
  /** Who may call it. */
  readonly access: AccessRule;
  /** The longest a call may take, in milliseconds. Default: the server's GRPC_MAX_CALL_MS. */
  readonly maxDurationMs?: number;
}

/** One policy per method: a method that is missing here does not compile. */
export type MethodPolicies<Definition extends TsProtoServiceDefinition> = {
  readonly [Method in keyof Definition['methods']]: MethodPolicy;
};

/** The handlers of a service, with the kit's context. */
export type Handlers<Definition extends TsProtoServiceDefinition> = ServiceImplementation<
  Definition,
  RequestContextExtension
>;

/** A service with all that the server needs to serve it. */
export interface ServiceRegistration {
  readonly definition: TsProtoServiceDefinition;
  readonly handlers: Handlers<TsProtoServiceDefinition>;
  /** By method path, for example `/chainprocessor.catalog.v1.NodeService/GetNode`. */
  readonly policies: ReadonlyMap<string, MethodPolicy>;
}

/** Ties a service's definition, handlers and policies together; the types see to it that none lacks a method. */
export function registerService<Definition extends TsProtoServiceDefinition>(options: {
  readonly definition: Definition;
  readonly handlers: Handlers<Definition>;
  readonly policies: MethodPolicies<Definition>;
}): ServiceRegistration {
  const { definition, handlers, policies } = options;
  return {
    definition,
    handlers,
    policies: new Map(
      Object.entries(definition.methods).map(([key, { name }]) => {
        const policy = policies[key];
        invariant(policy, `${definition.fullName}.${name} has no policy`);
        return [`/${definition.fullName}/${name}`, policy];
      }),
    ),
  };
}

type UnimplementedHandler = (request: unknown, context: CallContext) => never;

/** Handlers that answer UNIMPLEMENTED, for methods of the contract that this release does not have. */
export function unimplemented<
  Definition extends TsProtoServiceDefinition,
  Method extends keyof Definition['methods'] & string,
>(definition: Definition, methods: readonly Method[]): Record<Method, UnimplementedHandler> {
  const handlers = {} as Record<Method, UnimplementedHandler>;
  for (const method of methods) {
    const path = `/${definition.fullName}/${definition.methods[method]?.name ?? method}`;
    handlers[method] = () => {
      throw new MethodNotImplementedError(path);
    };
  }
  return handlers;
}
