// What a failing test shows, made from the one field list. Two events are the same where they print the same.
#pragma once

#include "domain/event.h"

#include <string>
#include <vector>

namespace muster::spec {

std::string print(const Event& event);
std::string print(const std::vector<NewEvent>& events);
std::string print(const Membership& membership);
std::string print(const Holdings& holdings);
std::string print(const Refusal& refusal);

}  // namespace muster::spec
