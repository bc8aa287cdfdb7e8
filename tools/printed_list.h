#pragma once
// A list as people read it: what it is of, how many, and a line for each.

#include <cstddef>
#include <iostream>
#include <string>
#include <vector>

namespace muster::tools {

template <class T, class Line>
void print_list(const std::vector<T>& all, const std::string& what, Line line) {
    std::cout << what << ": " << (all.empty() ? "none" : std::to_string(all.size())) << "\n";
    for (const auto& each : all) std::cout << "  " << line(each) << "\n";
}

}  // namespace muster::tools
