#pragma once
// Threads that nobody waits for: pools, followers, imports.

namespace muster {

// Where processors are short, this thread comes behind those that answer and the log's writer: of this thread alone, as
// Linux has it. Where it is not allowed, all are equals.
void come_last();

}  // namespace muster
