import ArgumentParser
import Server
@main struct Quipu: AsyncParsableCommand { func run() async throws {} }
