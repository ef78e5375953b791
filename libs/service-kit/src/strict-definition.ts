import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { CompatServiceDefinition } from 'nice-grpc';

interface LenientDecoder {
  decode(input: BinaryReader | Uint8Array): unknown;
}

/** A service definition as ts-proto generates it with `outputServices=generic-definitions`. */
export type TsProtoServiceDefinition = Extract<
  CompatServiceDefinition,
  { fullName: string; methods: object }
>;

/** Stands in for a request whose bytes could not be read, until the bounds middleware refuses it. */
export class MalformedRequest {
  constructor(readonly cause: unknown) {}
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The definition with requests read strictly: proto3 strings must be valid UTF-8, and protobuf libraries that replace bad bytes
 * by U+FFFD would change a caller's text without a word. A request that cannot be read becomes a {@link MalformedRequest},
 * because grpc-js answers INTERNAL to a decoder that throws, which blames the server.
 */
export function strictDefinition<Definition extends TsProtoServiceDefinition>(
  definition: Definition,
): Definition {
  const methods = Object.entries(definition.methods).map(([key, method]) => {
    // ts-proto's decoders take a reader too; nice-grpc's type for them is narrower than what is generated.
    const requestType: LenientDecoder = method.requestType;
    const decode = (bytes: Uint8Array): unknown => {
      try {
        return requestType.decode(new BinaryReader(bytes, (text) => utf8.decode(text)));
      } catch (error) {
        return new MalformedRequest(error);
      }
    };
    return [key, { ...method, requestType: { ...method.requestType, decode } }];
  });
  return { ...definition, methods: Object.fromEntries(methods) as Definition['methods'] };
}
