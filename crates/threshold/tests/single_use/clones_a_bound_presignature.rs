use conclave_threshold::online::Bound;

fn clone(bound: &Bound) -> Bound {
    Bound::clone(bound)
}

fn main() {}
