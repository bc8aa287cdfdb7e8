#include "api/json/faults.h"

#include "api/json/limits.h"

#include <set>

namespace muster {

void append_reference_token(std::string& pointer, std::string_view name) {
    pointer += '/';
    for (char c : name) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
}

std::string Place::pointer() const {
    if (!parent_) return {};
    std::string pointer = parent_->pointer();
    bool element = name_.data() == nullptr;
    if (in_query_) {
        if (!element) pointer.append("?").append(name_);  // a parameter's values have no places of their own
    } else if (element) {
        pointer.append("/").append(std::to_string(index_));
    } else {
        append_reference_token(pointer, name_);
    }
    return pointer;
}

Faults::Faults() : Faults(limits::faults) {}

bool Faults::full() const { return all_.size() >= most_ || bytes_ >= limits::fault_bytes; }

void Faults::add(Fault fault) {
    if (full()) return;
    bytes_ += fault.pointer.size() + fault.detail.size();
    all_.push_back(std::move(fault));
}

void Faults::add(const Place& place, Code code, std::string detail) {
    if (!full()) add(Fault{place.pointer(), code, std::move(detail), {}});
}

void Faults::merge(std::vector<Fault> found) {
    std::set<std::string> known;
    for (const auto& fault : all_) known.insert(fault.pointer);
    for (auto& fault : found)
        if (!known.contains(fault.pointer)) add(std::move(fault));
}

}  // namespace muster
