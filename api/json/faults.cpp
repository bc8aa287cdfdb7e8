#include "api/json/faults.h"

#include "api/json/limits.h"

#include <functional>
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

std::string_view Place::field() const {
    const auto* place = this;
    while (place->parent_ && !place->name_.data()) place = place->parent_;
    return place->name_;
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

namespace {

using Pointers = std::set<std::string, std::less<>>;

// One that can be told of a value that was read for all that.
bool was_read(Code code) { return code == Code::unknown_field || code == Code::duplicate_key; }

bool holds_or_is_above(const Pointers& pointers, const std::string& pointer) {
    for (auto end = pointer.size(); end != std::string::npos && end > 0; end = pointer.rfind('/', end - 1))
        if (pointers.contains(std::string_view(pointer).substr(0, end))) return true;
    return pointers.contains(std::string_view{});
}

bool is_beneath(const Pointers& pointers, const std::string& pointer) {
    auto first = pointers.lower_bound(pointer + "/");
    return first != pointers.end() && first->starts_with(pointer + "/");
}

}  // namespace

void Faults::merge(std::vector<Fault> found) {
    Pointers known, unread;
    for (const auto& fault : all_) {
        known.insert(fault.pointer);
        if (!was_read(fault.code)) unread.insert(fault.pointer);
    }
    for (auto& fault : found) {
        bool told = known.contains(fault.pointer) || holds_or_is_above(unread, fault.pointer) ||
                    is_beneath(unread, fault.pointer);
        if (!told) add(std::move(fault));
    }
}

}  // namespace muster
