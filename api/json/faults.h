#pragma once
// What is wrong with a request, and where: the faults that reading collects, all of them, and the place it is reading.

#include "domain/refusal.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

// A place in a body or a query; it becomes a pointer (RFC 6901 `/teams/0`, or `?limit`) only where something is wrong.
// A place made from another one refers to it and to the name, so both must outlive it.
class Place {
public:
    static Place body() { return Place(false); }
    static Place query() { return Place(true); }
    [[nodiscard]] Place member(std::string_view name) const { return {this, name, 0}; }
    [[nodiscard]] Place element(std::size_t index) const { return {this, {}, index}; }
    [[nodiscard]] std::string pointer() const;
    // The name of the innermost member; of an element, that of its list.
    [[nodiscard]] std::string_view field() const;
    [[nodiscard]] bool in_query() const { return in_query_; }

private:
    explicit Place(bool in_query) : in_query_(in_query) {}
    Place(const Place* parent, std::string_view name, std::size_t index)
        : parent_(parent), name_(name), index_(index), in_query_(parent->in_query_) {}

    const Place* parent_ = nullptr;
    std::string_view name_;  // its data is null for an element
    std::size_t index_ = 0;
    bool in_query_;
};

// Adds `/` and the name, with `~` and `/` escaped.
void append_reference_token(std::string& pointer, std::string_view name);

// The faults of one request, in the order they were found; bounded (limits.h), those beyond `most` are dropped.
class Faults {
public:
    Faults();
    explicit Faults(std::size_t most) : most_(most) {}

    void add(Fault fault);
    void add(const Place& place, Code code, std::string detail);
    // Adds what rules say of places that have no fault yet. Of one that could not be read they have seen a blank, so
    // what they say of it, of what is in it and of what it is in is no news.
    void merge(std::vector<Fault> found);

    [[nodiscard]] bool empty() const { return all_.empty(); }
    [[nodiscard]] bool full() const;
    [[nodiscard]] const std::vector<Fault>& all() const { return all_; }
    // All of them as one refusal. Only where there are any.
    [[nodiscard]] Refusal refusal() && { return refuse(std::move(all_)); }

private:
    std::vector<Fault> all_;
    std::size_t bytes_ = 0;
    std::size_t most_;
};

}  // namespace muster
