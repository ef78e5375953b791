import { fileDescriptorSetBase64 } from './gen/descriptor-set.js';

/**
 * The binary google.protobuf.FileDescriptorSet of every Chain Processor contract and all that they import, for gRPC server
 * reflection. Comments are not in it. Decoded anew on each call; meant to be called once, at start-up.
 */
export function fileDescriptorSet(): Uint8Array {
  return Buffer.from(fileDescriptorSetBase64, 'base64');
}
