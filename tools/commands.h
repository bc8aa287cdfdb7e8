#pragma once
// The subcommands of `muster`. Each adds itself to the program and, when it is the one that was asked for, runs while
// the command line is parsed and leaves its exit code.

#include <iostream>
#include <string_view>

namespace CLI {
class App;
}

namespace muster::tools {

// Exit codes.
inline constexpr int well = 0;
inline constexpr int failed = 1;  // a finding, or a request that failed
inline constexpr int usage = 2;
inline constexpr int damaged = 78;  // the data is damaged and must not be served

// One line of a result.
inline void print_line(std::string_view line) { std::cout << line << std::endl; }

void add_serve(CLI::App& program, int& result);
void add_audit(CLI::App& program, int& result);
void add_projections(CLI::App& program, int& result);
void add_fsck(CLI::App& program, int& result);
void add_keys(CLI::App& program, int& result);
void add_backup(CLI::App& program, int& result);
void add_load(CLI::App& program, int& result);

}  // namespace muster::tools
